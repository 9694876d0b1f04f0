"""A database of a known size, the servers, and one API process with an operator signed in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson

from payflow.api.auth.keys import fresh_key
from payflow.api.routing.access import Role
from payflow.api.users.accounts import Acting, create_account, make_account_link
from payflow.bench.api.asks import Caller, Known
from payflow.bench.api.connection import Connection
from payflow.bench.failure import BenchFailed
from payflow.bench.machine import describe_machine
from payflow.embedded import DataDirectory, Stack
from payflow.embedded.machine import Machine, command
from payflow.embedded.process import Limits, ServerProcess
from payflow.embedded.throwaway import CREDENTIALS, on_servers_of_its_own, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payflow.settings import Settings

START_TIMEOUT_S = 60.0
_ASK_TIMEOUT_S = 10.0
_KNOWN_PAYMENTS = 2_000
_KNOWN = """
    SELECT payment_id, merchant_id, created_at FROM payment_transactions TABLESAMPLE SYSTEM (1)
    WHERE merchant_id IS NOT NULL LIMIT $1
"""


@dataclass(frozen=True)
class ApiRig:
    """What the questions are put to."""

    settings: Settings
    caller: Caller
    known: Known
    queue_url: str
    worker: ServerProcess
    """Not started yet."""
    environment: dict[str, str]
    """Leads a worker to the same servers."""
    machine: dict[str, Any]


@contextmanager
def open_api_rig(
    settings: Settings, payments: int, data_dir: Path | None, say: Callable[[str], None]
) -> Iterator[ApiRig]:
    """Start everything, fill the database unless it is full already, and sign an operator in.

    Args:
        settings: knobs; backends that they name are not used.
        payments: how many the database is to have.
        data_dir: kept for the next run, which then needs no filling; without, all goes away at the end.
        say: told each step.

    Raises:
        EmbeddedFailed: when a server can't start.
        BenchFailed: when the API can't, or the directory holds a database of another size.

    """
    os.environ |= CREDENTIALS
    settings = on_servers_of_its_own(settings)
    with ExitStack() as held:
        place = data_dir
        if place is None:
            place = Path(tempfile.mkdtemp(prefix="payflow-bench-"))
            held.callback(shutil.rmtree, place, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        # PostgreSQL refuses to run as root: it is another account then, which has to get in.
        place.chmod(0o711)
        directory = held.enter_context(DataDirectory(place / "data"))
        machine = Machine(settings, directory)
        held.enter_context(Stack(machine.servers, lambda server: say(f"Starting {server.name}")))
        settings = machine.settings()
        port = _free_port()
        environment = os.environ | machine.variables() | _knobs(port)
        prepared = asyncio.run(prepare(settings))
        _fill(settings, payments, environment, say)
        api = ServerProcess("api", log=directory.log("api"), limits=Limits())
        held.callback(api.stop)
        api.spawn(command("api"), environment=environment)
        known = asyncio.run(_known(settings.postgres.required_dsn))
        caller = asyncio.run(_signed_in(settings, "127.0.0.1", port))
        worker = machine.worker()
        held.callback(worker.stop)
        described = describe_machine(place, {"postgresql": prepared.postgres_version})
        yield ApiRig(settings, caller, known, prepared.queue_url, worker, environment, described)


def _knobs(port: int) -> dict[str, str]:
    return {
        "PAYFLOW_API_PORT": str(port),
        "PAYFLOW_API_SIGNING_KEYS": fresh_key(),
        # One caller here stands for many operators.
        "PAYFLOW_API_REQUESTS_ADDRESS_MAX": "0",
        "PAYFLOW_API_REQUESTS_PRINCIPAL_MAX": "0",
        "PAYFLOW_LOGGING_LEVEL": "warning",
        "PAYFLOW_WORKER_METRICS_PORT": "0",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _fill(settings: Settings, payments: int, environment: dict[str, str], say: Callable[[str], None]) -> None:
    there = asyncio.run(_count(settings.postgres.required_dsn))
    if there == 0:
        say(f"Filling the database with {payments:,} payments")
        subprocess.run(command("seed", "--payments", str(payments)), env=environment, check=True)  # noqa: S603 - our own command
    elif abs(there - payments) > payments // 10:
        raise BenchFailed(
            f"the database has {there:,} payments, {payments:,} were asked for; choose another --data-dir"
        )


async def _count(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM payment_transactions"))
    finally:
        await connection.close()


async def _known(dsn: str) -> Known:
    """Choose the payments and merchants that requests name."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_KNOWN, _KNOWN_PAYMENTS)
    finally:
        await connection.close()
    if not rows:
        raise BenchFailed("no payments were found; is the database too small? Ask for 10,000 or more")
    middle: datetime = sorted(row["created_at"] for row in rows)[len(rows) // 2]
    return Known(
        payment_ids=[row["payment_id"] for row in rows],
        merchant_ids=sorted({row["merchant_id"] for row in rows}),
        created_from=(middle - timedelta(hours=12)).isoformat(),
        created_to=(middle + timedelta(hours=12)).isoformat(),
    )


async def _signed_in(settings: Settings, host: str, port: int) -> Caller:
    """Make an operator, as an administrator would, and sign in."""
    email, password = f"bench-{secrets.token_hex(4)}@payflow.local", secrets.token_urlsafe(16)
    acting = Acting("bench", datetime.now(UTC))
    connection = await asyncpg.connect(settings.postgres.required_dsn)
    try:
        async with connection.transaction():
            user_id = await create_account(connection, acting, email=email, name="Bench", role=Role.OPERATOR)
            url = await make_account_link(
                connection, acting, user_id, "invitation", lasts=timedelta(hours=1), public_url=""
            )
    finally:
        await connection.close()
    token = url.partition("token=")[2].partition("&")[0]
    api = await _answering(host, port)
    nobody = Caller(host, port, "")
    await _post(api, nobody, "/auth/password/reset", {"token": token, "new_password": password})
    body = await _post(api, nobody, "/auth/login", {"email": email, "password": password})
    api.close()
    return Caller(host, port, orjson.loads(body)["access_token"])


async def _answering(host: str, port: int) -> Connection:
    """Wait until the API takes connections."""
    ends_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < ends_s:
        with contextlib.suppress(OSError, TimeoutError):
            return await Connection.open(host, port)
        await asyncio.sleep(0.1)
    raise BenchFailed(
        f"the API did not answer within {START_TIMEOUT_S:g} s; its log is in the data directory"
    )


async def _post(api: Connection, caller: Caller, path: str, body: dict[str, Any]) -> bytes:
    request = caller.write(
        "POST", path, orjson.dumps(body), {"Origin": f"http://{caller.host}:{caller.port}"}
    )
    reply = await api.ask(request.request, _ASK_TIMEOUT_S)
    if reply.status >= 400:  # noqa: PLR2004 - HTTP
        raise BenchFailed(f"{path} answered {reply.status}: {reply.body[:300]!r}")
    return reply.body
