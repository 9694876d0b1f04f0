"""One-time links: only their digests are kept, each works once, and a new one replaces those before it."""

from __future__ import annotations

import hashlib
import secrets
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from payflow.api.routing.problems import LINK_INVALID, ProblemError

if TYPE_CHECKING:
    import uuid
    from datetime import datetime, timedelta

    from payflow.ledger.pool import Connection

Purpose = Literal["invitation", "password_reset"]

_SQL = files("payflow.api.auth") / "sql"
_MAKE = (_SQL / "link_make.sql").read_text()
_PEEK = (_SQL / "link_peek.sql").read_text()
_USE = (_SQL / "link_use.sql").read_text()


async def make_link(
    connection: Connection,
    user_id: uuid.UUID,
    purpose: Purpose,
    *,
    made_by: str,
    lasts: timedelta,
    now: datetime,
) -> str:
    """Make a link's token."""
    token = secrets.token_urlsafe(32)
    await connection.execute(_MAKE, _digest(token), user_id, purpose, made_by, now, now + lasts)
    return token


async def peek_link(connection: Connection, token: str, now: datetime) -> Any:
    """Look whose link it is, and what for, without using it up.

    Raises:
        ProblemError: link_invalid.

    """
    return _found(await connection.fetchrow(_PEEK, _digest(token), now))


async def use_link(connection: Connection, token: str, now: datetime) -> Any:
    """Use a link up.

    Raises:
        ProblemError: link_invalid.

    """
    return _found(await connection.fetchrow(_USE, _digest(token), now))


def link_url(public_url: str, token: str, purpose: Purpose) -> str:
    """Give the address of the console's page for a link."""
    invited = "&invited" if purpose == "invitation" else ""
    return f"{public_url}/reset-password?token={token}{invited}"


def _found(row: Any) -> Any:
    if row is None:
        raise ProblemError(LINK_INVALID)
    return row


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
