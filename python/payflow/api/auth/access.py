"""What sessions may do at this moment, so that a logout or a change of role bites on the very next call.

PostgreSQL has the record, and stamps each change with a version that only grows. Redis holds each session's
newest version; whoever changes a session writes it there before its call is answered. A process remembers
what it has read, and goes by that only while Redis names the same version *and* it has heard all news since
it read: it listens on a channel of PostgreSQL, and forgets a user whom the channel names. Whatever can't be
trusted in this way (Redis away, flushed or behind; the channel broken) is read from PostgreSQL.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from payflow.api.cache.front import AWAY
from payflow.api.routing.access import Principal, Role
from payflow.api.routing.problems import SESSION_REVOKED, UNAUTHORIZED, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from payflow.api.auth.tokens import Claims
    from payflow.api.cache.front import Front
    from payflow.api.database import Database

REMEMBERED_MAX: Final = 10_000
VERSION_TTL_MS: Final = 600_000

_SQL = files("payflow.api.auth") / "sql"
_ACCESS = (_SQL / "session_access.sql").read_text()
# Only ever forward: a reader that was slow must not put an old version over a new one.
_RAISE_VERSION: Final = """
local have = tonumber(redis.call('GET', KEYS[1]))
if not have or have < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
"""


class SessionVersion(NamedTuple):
    """A session whose access has changed, and the stamp of the change."""

    session_id: str
    version: int


class Known(NamedTuple):
    """What this process has read of a session."""

    version: bytes
    expires_at: datetime
    principal: Principal


class SessionAccess:
    """Answers for each call who makes it and what they may do.

    Args:
        database: the record.
        front: Redis.
        clock: the time in UTC.

    """

    def __init__(self, database: Database, front: Front, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._front = front
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()
        self.hears_news = False
        """Whether the channel of changes is listened to; only then is what was read before worth anything."""
        self._news = 0

    def known(self, claims: Claims) -> Known | None:
        """Give what this process has read of a session, if that still counts for anything."""
        return self._known.get(claims.session_id) if self.hears_news else None

    async def settle(self, claims: Claims, known: Known | None, version: bytes | None) -> Principal:
        """Give the principal of a call.

        Args:
            claims: what its token says.
            known: what `known` gave before Redis was asked.
            version: what Redis says the newest version is; None if it says nothing.

        Raises:
            ProblemError: unauthorized or session_revoked.
            StoreUnavailable: nothing can say what the session may do.

        """
        if (
            known is not None
            and version == known.version
            and known.expires_at > self._clock()
            and known.principal.user_id == claims.user_id
            # News may have come while Redis was asked.
            and self._known.get(claims.session_id) is known
        ):
            return known.principal
        return await self._read(claims)

    async def publish(self, changes: Iterable[SessionVersion]) -> None:
        """Tell Redis of changes that have been committed; the channel tells those whom Redis can't."""
        for change in changes:
            self._known.pop(change.session_id, None)
            await self._raise_version(change.session_id, change.version)

    def forget_user(self, user_id: str) -> None:
        """Forget what was read of a user's sessions, and what is being read at this moment."""
        self._news += 1
        for session_id in [key for key, known in self._known.items() if known.principal.user_id == user_id]:
            del self._known[session_id]

    def forget_all(self) -> None:
        """Forget everything that was read, and what is being read at this moment."""
        self._news += 1
        self._known.clear()

    async def _read(self, claims: Claims) -> Principal:
        news_before = self._news
        session_id = claims.session_id
        self._known.pop(session_id, None)
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_ACCESS, uuid.UUID(session_id))
        if row is None or str(row["user_id"]) != claims.user_id:
            raise ProblemError(UNAUTHORIZED, detail="the access token is not valid")
        if row["revoked_at"] or row["disabled_at"] or row["expires_at"] <= self._clock():
            raise ProblemError(SESSION_REVOKED)
        principal = Principal(
            user_id=claims.user_id,
            role=Role(row["role"]),
            session_id=session_id,
            email=row["email"],
            name=row["name"],
        )
        version: int = row["access_version"]
        # What was read before a change is stamped before it, so it neither passes for the newest in Redis nor
        # matches what stands there.
        await self._raise_version(session_id, version)
        if self.hears_news and news_before == self._news:
            self._known[session_id] = Known(str(version).encode(), row["expires_at"], principal)
            if len(self._known) > REMEMBERED_MAX:
                self._known.popitem(last=False)
        return principal

    async def _raise_version(self, session_id: str, version: int) -> None:
        if self._front.usable():
            await self._front.attempt(_raise_version(self._front.redis, SessionVersion(session_id, version)))


async def publish_versions(redis: Any, changes: Iterable[SessionVersion]) -> None:
    """Tell Redis of changes from outside the API; while it is away, nothing is told."""
    with suppress(*AWAY):
        for change in changes:
            await _raise_version(redis, change)


async def _raise_version(redis: Any, change: SessionVersion) -> None:
    key = version_key(change.session_id)
    await redis.eval(_RAISE_VERSION, 1, key, change.version, VERSION_TTL_MS)


def version_key(session_id: str) -> str:
    """Name the key of a session's newest version."""
    return f"payflow:api:session:{session_id}"
