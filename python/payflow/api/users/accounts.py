"""What administrators do to accounts, by the API and the command line; inside transactions of callers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from payflow.api.auth.links import link_url, make_link
from payflow.api.auth.sessions import revoke_sessions, sessions_changed
from payflow.api.routing.access import Role
from payflow.api.routing.problems import CONFLICT, ProblemError
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    import uuid
    from datetime import datetime, timedelta

    from payflow.api.auth.access import SessionVersion
    from payflow.api.auth.links import Purpose
    from payflow.ledger.pool import Connection

_SQL = files("payflow.api.users") / "sql"
_CREATE: Final = (_SQL / "user_create.sql").read_text()
_CHANGE: Final = (_SQL / "user_change.sql").read_text()
_ADMINS: Final = (_SQL / "admins_lock.sql").read_text()


@dataclass(frozen=True)
class Acting:
    """Who acts, when, and within which request."""

    actor: str
    now: datetime
    correlation_id: str | None = None


async def create_account(
    connection: Connection,
    acting: Acting,
    *,
    email: str,
    name: str,
    role: Role,
    password_hash: str | None = None,
) -> uuid.UUID:
    """Create an account; without a password it waits for its invitation to be accepted.

    Raises:
        ProblemError: conflict, when there is one with this e-mail.

    """
    email = email.strip().lower()
    user_id: uuid.UUID | None = await connection.fetchval(
        _CREATE, email, name.strip(), str(role), acting.now, password_hash
    )
    if user_id is None:
        raise ProblemError(CONFLICT, detail=f"there is an account of {email} already")
    await _record(connection, acting, "user.created", user_id, {"email": email, "role": str(role)})
    return user_id


async def make_account_link(
    connection: Connection,
    acting: Acting,
    user_id: uuid.UUID,
    purpose: Purpose,
    *,
    lasts: timedelta,
    public_url: str,
) -> str:
    """Make the link by which somebody sets a password; it replaces the links before it."""
    token = await make_link(connection, user_id, purpose, made_by=acting.actor, lasts=lasts, now=acting.now)
    action = "user.invited" if purpose == "invitation" else "user.reset_link_made"
    await _record(connection, acting, action, user_id, None)
    return link_url(public_url, token, purpose)


async def change_account(
    connection: Connection, acting: Acting, account: Any, *, role: Role, name: str, disabled: bool
) -> list[SessionVersion]:
    """Change role and name of an account, or disable it; publish what this gives once it is committed.

    Raises:
        ProblemError: conflict, when nobody could administer any more.

    """
    user_id: uuid.UUID = account["user_id"]
    was_admin = account["role"] == Role.ADMIN and account["status"] != "disabled"
    if was_admin and (disabled or role is not Role.ADMIN):
        admins = await connection.fetch(_ADMINS)
        if {row["user_id"] for row in admins} <= {user_id}:
            raise ProblemError(
                CONFLICT, detail="this is the last administrator; make somebody else one first"
            )
    await connection.execute(_CHANGE, user_id, str(role), name.strip(), disabled, acting.now)
    before = {"role": account["role"], "name": account["name"], "disabled": account["status"] == "disabled"}
    after = {"role": str(role), "name": name.strip(), "disabled": disabled}
    changes = {key: {"from": before[key], "to": after[key]} for key in after if before[key] != after[key]}
    action = "user.disabled" if disabled and not before["disabled"] else "user.updated"
    await _record(connection, acting, action, user_id, changes)
    if disabled:
        return await revoke_sessions(connection, user_id, acting.now, "disabled")
    return await sessions_changed(connection, user_id)


async def _record(
    connection: Connection, acting: Acting, action: str, user_id: uuid.UUID, details: dict[str, Any] | None
) -> None:
    await record_action(
        connection,
        action=action,
        actor=acting.actor,
        subject_kind="user",
        subject_id=str(user_id),
        details=details,
        correlation_id=acting.correlation_id,
        now=acting.now,
    )
