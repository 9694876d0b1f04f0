"""Sessions in the database: begun, carried on by a refresh token, ended."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from payflow.api.auth.access import SessionVersion

if TYPE_CHECKING:
    import uuid

    from payflow.api.auth.refresh import RefreshTokens
    from payflow.ledger.pool import Connection

GRACE: Final = timedelta(seconds=10)
"""How long the generation before the current one is still good: two tabs refresh at once."""
KEPT_FOR: Final = timedelta(days=30)
"""How long an ended session can be looked up."""
FORGET_BATCH: Final = 1_000
USER_AGENT_LENGTH_MAX: Final = 255

_SALT_BYTES: Final = 32

_SQL = files("payflow.api.auth") / "sql"
_START = (_SQL / "session_start.sql").read_text()
_LOCK = (_SQL / "session_lock.sql").read_text()
_ROTATE = (_SQL / "session_rotate.sql").read_text()
_REVOKE = (_SQL / "sessions_revoke.sql").read_text()
_CHANGED = (_SQL / "sessions_changed.sql").read_text()
_FORGET = (_SQL / "sessions_forget.sql").read_text()


@dataclass(frozen=True)
class SessionLimits:
    """How long sessions last: unused, and at most."""

    idle_max: timedelta
    age_max: timedelta

    def expiry(self, created_at: datetime, now: datetime) -> datetime:
        """Give the time at which a session ends that is used now."""
        return min(created_at + self.age_max, now + self.idle_max)


class Started(NamedTuple):
    """A session and the refresh token that carries it on."""

    session_id: str
    refresh_token: str


class Refusal(Enum):
    """Why a refresh token is not good."""

    UNKNOWN = "unknown"
    ENDED = "ended"
    REUSED = "reused"


class Refreshed(NamedTuple):
    """What came of a refresh token."""

    refused: Refusal | None
    account: Any = None
    """The row of the session with its account, unless it is unknown."""
    refresh_token: str = ""


class SessionBook:
    """Writes sessions, inside transactions of its callers."""

    def __init__(self, tokens: RefreshTokens, limits: SessionLimits) -> None:
        self._tokens = tokens
        self.limits = limits

    async def start(
        self,
        connection: Connection,
        user_id: uuid.UUID,
        *,
        by: str,
        address: str,
        user_agent: str,
        now: datetime,
    ) -> Started:
        """Begin a session."""
        salt = secrets.token_bytes(_SALT_BYTES)
        expires_at = self.limits.expiry(now, now)
        agent = "".join(filter(str.isprintable, user_agent))[:USER_AGENT_LENGTH_MAX]
        session_id = await connection.fetchval(_START, user_id, salt, now, expires_at, by, address, agent)
        return Started(str(session_id), self._tokens.issue(session_id, salt, 1))

    async def refresh(self, connection: Connection, text: str, now: datetime) -> Refreshed:
        """Carry a session on by its refresh token; the row stays locked to the end of the transaction."""
        token = self._tokens.parse(text)
        row = await self.genuine(connection, text)
        if token is None or row is None:
            return Refreshed(Refusal.UNKNOWN)
        if row["revoked_at"] or row["disabled_at"] or row["expires_at"] <= now:
            return Refreshed(Refusal.ENDED, row)
        current: int = row["generation"]
        if token.generation == current:
            expires_at = self.limits.expiry(row["created_at"], now)
            current = await connection.fetchval(_ROTATE, token.session_id, now, expires_at)
        elif token.generation != current - 1 or now - row["rotated_at"] > GRACE:
            return Refreshed(Refusal.REUSED, row)
        return Refreshed(None, row, self._tokens.issue(token.session_id, row["salt"], current))

    async def genuine(self, connection: Connection, text: str) -> Any:
        """Give the row of a refresh token's session, of any generation, locked; None if it isn't ours."""
        token = self._tokens.parse(text)
        row = None if token is None else await connection.fetchrow(_LOCK, token.session_id)
        return (
            row
            if row is not None and token is not None and self._tokens.genuine(token, row["salt"])
            else None
        )


async def revoke_sessions(
    connection: Connection,
    user_id: uuid.UUID,
    now: datetime,
    why: str,
    *,
    only: uuid.UUID | None = None,
    but: uuid.UUID | None = None,
) -> list[SessionVersion]:
    """End a user's sessions: all, only one, or all but one. Publish what this gives once it is committed."""
    rows = await connection.fetch(_REVOKE, user_id, now, why, only, but)
    return [SessionVersion(str(row["session_id"]), row["access_version"]) for row in rows]


async def sessions_changed(connection: Connection, user_id: uuid.UUID) -> list[SessionVersion]:
    """Stamp a user's sessions, whose access has changed. Publish what this gives once it is committed."""
    rows = await connection.fetch(_CHANGED, user_id)
    return [SessionVersion(str(row["session_id"]), row["access_version"]) for row in rows]


async def forget_sessions(connection: Connection, now: datetime) -> int:
    """Delete a bounded number of sessions and links that ended long ago; give the number of sessions."""
    done: str = await connection.execute(_FORGET, now - KEPT_FOR, FORGET_BATCH)
    return int(done.rsplit(" ", 1)[-1])
