"""Puts proxies before the embedded servers, and gives the URLs that lead through them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from payflow.faults.proxy import FaultProxy, Proxied

if TYPE_CHECKING:
    from payflow.embedded import DataDirectory


def proxied_postgres(directory: DataDirectory, dsn: str, *, delay_ms: float = 0.0) -> Proxied:
    """Start a proxy before a PostgreSQL on a Unix socket."""
    query = parse_qs(urlsplit(dsn).query)
    host, port = query["host"][0], query["port"][0]
    # No longer than the folders of the servers themselves: a socket's address has few bytes.
    folder = directory.sockets("link-pg")
    listen = folder / f".s.PGSQL.{port}"
    proxy = _started("PostgreSQL", directory, str(listen), str(Path(host) / listen.name), folder, delay_ms)
    return Proxied(proxy, dsn.replace(quote(host), quote(str(folder))))


def proxied_redis(directory: DataDirectory, url: str, *, delay_ms: float = 0.0) -> Proxied:
    """Start a proxy before a Valkey on a Unix socket."""
    target = Path(unquote(url.removeprefix("unix://")))
    folder = directory.sockets("link-kv")
    proxy = _started("Valkey", directory, str(folder / target.name), str(target), folder, delay_ms)
    return Proxied(proxy, f"unix://{quote(proxy.listen)}")


def proxied_sqs(directory: DataDirectory, url: str, *, delay_ms: float = 0.0) -> Proxied:
    """Start a proxy before an SQS server on a loopback port."""
    folder = directory.sockets("link-sqs")
    proxy = _started("SQS", directory, "127.0.0.1:0", urlsplit(url).netloc, folder, delay_ms)
    return Proxied(proxy, f"http://{proxy.listen}")


def _started(
    name: str, directory: DataDirectory, listen: str, target: str, folder: Path, delay_ms: float
) -> FaultProxy:
    proxy = FaultProxy(
        name,
        listen=listen,
        target=target,
        control=folder / "control",
        log=directory.log("proxies"),
        delay_ms=delay_ms,
    )
    proxy.start()
    return proxy
