"""`payflow user`: accounts from the command line, for the first administrator and for emergencies."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import cyclopts
from cyclopts import Parameter

from payflow.cli.books import Actor, acting, now
from payflow.cli.exits import Exit
from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence

    from payflow.api.auth.access import SessionVersion
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings

app = cyclopts.App(name="user")

RoleName = Literal["read_only", "operator", "admin"]
Email = Annotated[str, Parameter(help="E-mail of the account.")]


@app.command
def create(
    email: Email,
    *,
    role: Annotated[RoleName, Parameter(help="What the user may do.")],
    name: Annotated[str | None, Parameter(help="Name that others see; from the e-mail without.")] = None,
    password_stdin: Annotated[
        bool, Parameter(negative=(), help="Read a password from standard input instead of making a link.")
    ] = False,
    actor: Actor = None,
    as_json: AsJson = False,
) -> int:
    """Create an account, and print the link that lets its owner set a password."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    return _run(_create(email, role, name or email.partition("@")[0], password, actor, as_json=as_json))


@app.command(name="list")
def list_users(*, as_json: AsJson = False) -> int:
    """List all accounts."""
    return _run(_list(as_json=as_json))


@app.command
def disable(email: Email, *, actor: Actor = None) -> int:
    """Disable an account; its sessions end at once."""
    return _run(_disable(email, actor))


@app.command
def reset(email: Email, *, actor: Actor = None, as_json: AsJson = False) -> int:
    """Print a link by which the owner of an account sets a new password."""
    return _run(_reset(email, actor, as_json=as_json))


@dataclass(frozen=True)
class _Office:
    settings: Settings
    connection: Connection

    @property
    def public_url(self) -> str:
        """Where links lead."""
        api = self.settings.api
        return (api.public_url or f"http://{api.host}:{api.port}").rstrip("/")


def _run(work: Coroutine[Any, Any, int]) -> int:
    from payflow.api.routing import ProblemError  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except ProblemError as error:
        print(error.detail, file=sys.stderr)  # noqa: T201 - this is the command line
        return Exit.DIFFERENCES


@asynccontextmanager
async def _office() -> AsyncIterator[_Office]:
    """Open the database that the settings name, in one transaction."""
    from payflow.cli.books import open_books  # noqa: PLC0415

    async with open_books() as books, books.pool.acquire() as connection, connection.transaction():
        yield _Office(books.settings, connection)


async def _create(
    email: str, role: RoleName, name: str, password: str | None, actor: str | None, *, as_json: bool
) -> int:
    from payflow.api.routing import Role  # noqa: PLC0415
    from payflow.api.users.accounts import Acting, create_account, make_account_link  # noqa: PLC0415

    if not _plausible(email):
        print(f"{email}: must be an e-mail, such as ada@example.com", file=sys.stderr)  # noqa: T201
        return Exit.USAGE
    async with _office() as office:
        hashed = None if password is None else await _hashed(office.settings, password, email)
        doing = Acting(acting(actor), now())
        user_id = await create_account(
            office.connection, doing, email=email, name=name, role=Role(role), password_hash=hashed
        )
        url = None
        if hashed is None:
            lasts = timedelta(seconds=office.settings.sign_in.invitation_ttl_s)
            url = await make_account_link(
                office.connection, doing, user_id, "invitation", lasts=lasts, public_url=office.public_url
            )
    if as_json:
        print_json({"user_id": str(user_id), "email": email.strip().lower(), "invitation_url": url})
    else:
        print_line(f"Created {email.strip().lower()} ({role}).")
        if url is not None:
            print_line(f"To set a password: {url}")
    return Exit.OK


async def _list(*, as_json: bool) -> int:
    from payflow.api.users.reading import ALL, user_of  # noqa: PLC0415

    async with _office() as office:
        users = [user_of(row) for row in await office.connection.fetch(ALL)]
    if as_json:
        from msgspec import to_builtins  # noqa: PLC0415

        print_json(to_builtins(users))
    else:
        _print_table(users)
    return Exit.OK


async def _disable(email: str, actor: str | None) -> int:
    from payflow.api.routing import Role  # noqa: PLC0415
    from payflow.api.users.accounts import Acting, change_account  # noqa: PLC0415

    async with _office() as office:
        account = await _account(office, email)
        changes = await change_account(
            office.connection,
            Acting(acting(actor), now()),
            account,
            role=Role(account["role"]),
            name=account["name"],
            disabled=True,
        )
    await _publish(office.settings, changes)
    print_line(f"Disabled {account['email']}; {len(changes)} sessions ended.")
    return Exit.OK


async def _reset(email: str, actor: str | None, *, as_json: bool) -> int:
    from payflow.api.users.accounts import Acting, make_account_link  # noqa: PLC0415

    async with _office() as office:
        account = await _account(office, email)
        url = await make_account_link(
            office.connection,
            Acting(acting(actor), now()),
            account["user_id"],
            "password_reset",
            lasts=timedelta(seconds=office.settings.sign_in.reset_ttl_s),
            public_url=office.public_url,
        )
    if as_json:
        print_json({"email": account["email"], "reset_url": url})
    else:
        print_line(f"To set a new password: {url}")
    return Exit.OK


async def _account(office: _Office, email: str) -> Any:
    from payflow.api.routing.problems import NOT_FOUND, ProblemError  # noqa: PLC0415
    from payflow.api.users.reading import BY_EMAIL  # noqa: PLC0415

    found = await office.connection.fetchrow(BY_EMAIL, email.strip().lower())
    if found is None:
        raise ProblemError(
            NOT_FOUND, detail=f"there is no account of {email}\nNext: payflow user list shows all of them"
        )
    return found


async def _hashed(settings: Settings, password: str, email: str) -> str:
    from payflow.api.auth.passwords import Passwords  # noqa: PLC0415

    passwords = Passwords(threads=1, queue_max=1, length_min=settings.sign_in.password_length_min)
    passwords.check_new(password, email, "/password")
    try:
        return await passwords.hash(password)
    finally:
        passwords.close()


async def _publish(settings: Settings, changes: Sequence[SessionVersion]) -> None:
    """Tell Redis, too, if it is to be had; every process hears of the change from PostgreSQL in any case."""
    from payflow.api.auth.access import publish_versions  # noqa: PLC0415
    from payflow.idempotency import connect, disconnect  # noqa: PLC0415

    if settings.redis.url is None:
        return
    redis = connect(settings.redis.url, deadline_s=settings.redis.deadline_ms / 1_000)
    try:
        await publish_versions(redis, changes)
    finally:
        await disconnect(redis)


def _plausible(email: str) -> bool:
    name, _, domain = email.strip().partition("@")
    return bool(name and domain) and "@" not in domain and not any(map(str.isspace, email.strip()))


def _print_table(users: Sequence[Any]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, header_style="bold")
    for heading in ("e-mail", "name", "role", "status", "last signed in"):
        table.add_column(heading)
    for user in users:
        seen = user.last_sign_in_at
        table.add_row(
            user.email,
            user.name,
            user.role,
            user.status,
            "never" if seen is None else f"{seen:%Y-%m-%d %H:%M} UTC",
        )
    Console().print(table)
