"""The client's true address and scheme behind proxies; only those that are trusted are believed."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, TypeAlias

from payflow.errors import SettingsInvalid

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

HOPS_MAX: Final = 16
"""Addresses of a header that are looked at, from the nearest on."""

_PROTO: Final = b"x-forwarded-proto"


class Forwarded:
    """Replaces the address of a trusted proxy by the one that it names, going back as far as trust goes.

    Each trusted proxy vouches for the address before it and no further, so whatever a client writes into the
    header itself stays out of reach.

    Args:
        app: what comes next.
        networks: the proxies that are believed.
        header: the header that they set, in lower case.

    """

    def __init__(self, app: ASGIApp, networks: tuple[Network, ...], header: str) -> None:
        self._app = app
        self._networks = networks
        self._header = header.encode()
        self._known: dict[str, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an exchange on, with the client's own address."""
        client = scope.get("client")
        if client is not None and self._trusts(client[0]):
            named = self._named(scope)
            address = next((one for one in named if not self._trusts(one)), named[-1] if named else client[0])
            scope["client"] = (address, 0)
            self._take_scheme(scope)
        await self._app(scope, receive, send)

    def _named(self, scope: Scope) -> list[str]:
        """Give the addresses that the header names, the nearest first, up to one that is none."""
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == self._header]
        hops = [hop.strip() for line in lines for hop in line.split(",")]
        found = []
        for hop in reversed(hops[-HOPS_MAX:]):
            address = _address(_for(hop) if self._header == b"forwarded" else hop)
            if address is None:
                break
            found.append(address)
            if not self._trusts(address):
                break
        return found

    def _take_scheme(self, scope: Scope) -> None:
        if self._header == b"forwarded":
            lines = [value.decode("latin-1") for name, value in scope["headers"] if name == self._header]
            scheme = _parameter(lines[-1].rsplit(",", 1)[-1], "proto") if lines else ""
        else:
            lines = [value.decode("latin-1") for name, value in scope["headers"] if name == _PROTO]
            scheme = lines[-1].rsplit(",", 1)[-1].strip().lower() if lines else ""
        if scheme in {"http", "https"}:
            secure = scheme == "https"
            scope["scheme"] = ("wss" if secure else "ws") if scope["type"] == "websocket" else scheme

    def _trusts(self, address: str) -> bool:
        found = self._known.get(address)
        if found is None:
            found = within(address, self._networks)
            if len(self._known) < 4_096:  # noqa: PLR2004 - proxies are few; others need no memory
                self._known[address] = found
        return found


def networks_of(text: str | None, variable: str) -> tuple[Network, ...]:
    """Read a setting that lists networks.

    Raises:
        SettingsInvalid: when a part is no network.

    """
    found = []
    for part in (text or "").split(","):
        if not part.strip():
            continue
        try:
            found.append(ipaddress.ip_network(part.strip()))
        except ValueError as error:
            raise SettingsInvalid(
                [f"{variable}: {error}; give networks such as 10.0.0.0/8,fd00::/8"]
            ) from error
    return tuple(found)


def bucket(address: str) -> str:
    """Name what an address's calls are counted under: a whole /64 of IPv6, which one customer has."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address


def within(address: str, networks: tuple[Network, ...]) -> bool:
    """Tell whether an address belongs to one of the networks."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _for(hop: str) -> str:
    return _parameter(hop, "for")


def _parameter(hop: str, wanted: str) -> str:
    for part in hop.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == wanted:
            return value.strip().strip('"').lower()
    return ""


def _address(text: str) -> str | None:
    """Read an address, with or without a port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
