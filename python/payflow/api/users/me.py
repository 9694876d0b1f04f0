"""What users see and change of themselves."""

from __future__ import annotations

import uuid
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from payflow.api.auth.sessions import revoke_sessions, sessions_changed
from payflow.api.auth.signing_in import me_of
from payflow.api.routing.problems import NOT_FOUND, ProblemError
from payflow.api.routing.route import Answer
from payflow.api.users.preferences import changed, read_preferences
from payflow.api.users.reading import id_of, required_user
from payflow.api.users.shapes import UserSession, UserSessions
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from payflow.api.routing.route import Call
    from payflow.api.users.shapes import MePatch, PreferencesPatch

SESSIONS_MAX: Final = 100

_SQL = files("payflow.api.users") / "sql"
_PREFERENCES: Final = (_SQL / "preferences_set.sql").read_text()
_NAME: Final = (_SQL / "name_set.sql").read_text()
_SESSIONS: Final = (_SQL / "sessions.sql").read_text()


async def get_me(call: Call) -> Answer:
    """Answer with whoever calls."""
    async with call.reading() as connection:
        return Answer(200, me_of(await required_user(connection, call.principal.user_id)))


async def update_me(call: Call) -> Answer:
    """Change one's name."""
    given: MePatch = call.body
    user_id = uuid.UUID(call.principal.user_id)
    async with call.transaction() as connection:
        await connection.execute(_NAME, user_id, given.name.strip(), call.services.clock())
        changes = await sessions_changed(connection, user_id)
        call.after_commit(lambda: call.services.auth.access.publish(changes))
        return Answer(200, me_of(await required_user(connection, call.principal.user_id)))


async def update_preferences(call: Call) -> Answer:
    """Change some of one's preferences.

    Raises:
        ProblemError: invalid_body.

    """
    given: PreferencesPatch = call.body
    user_id = uuid.UUID(call.principal.user_id)
    async with call.transaction() as connection:
        account = await required_user(connection, call.principal.user_id)
        preferences = changed(read_preferences(account["preferences"]), given)
        await connection.execute(_PREFERENCES, user_id, msgspec.json.encode(preferences).decode())
        return Answer(200, me_of(await required_user(connection, call.principal.user_id)))


async def list_my_sessions(call: Call) -> Answer:
    """Answer with all places that one is signed in at, the newest first."""
    async with call.reading() as connection:
        rows = await connection.fetch(
            _SESSIONS, uuid.UUID(call.principal.user_id), call.services.clock(), SESSIONS_MAX
        )
    items = [
        UserSession(
            session_id=str(row["session_id"]),
            current=str(row["session_id"]) == call.principal.session_id,
            signed_in_by=row["signed_in_by"],
            address=row["address"],
            user_agent=row["user_agent"],
            created_at=row["created_at"],
            seen_at=row["rotated_at"],
            expires_at=row["expires_at"],
        )
        for row in rows
    ]
    return Answer(200, UserSessions(items))


async def end_my_session(call: Call) -> Answer:
    """End one of one's own sessions.

    Raises:
        ProblemError: not_found.

    """
    session_id = id_of(call.path["session_id"])
    now = call.services.clock()
    async with call.transaction() as connection:
        ended = await revoke_sessions(
            connection, uuid.UUID(call.principal.user_id), now, "ended_elsewhere", only=session_id
        )
        if not ended:
            raise ProblemError(NOT_FOUND, detail="you have no such session")
        call.after_commit(lambda: call.services.auth.access.publish(ended))
        await record_action(
            connection,
            action="session.ended",
            actor=call.principal.actor,
            subject_kind="session",
            subject_id=str(session_id),
            correlation_id=call.correlation_id,
            now=now,
        )
    return Answer(204)
