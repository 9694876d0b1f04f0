"""Signing in and staying signed in: what each step checks, writes, and leaves in the trail."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import structlog

from payflow.api.auth import cookies
from payflow.api.auth.lockout import Locked
from payflow.api.auth.sessions import Refusal, revoke_sessions
from payflow.api.auth.shapes import Session
from payflow.api.routing.access import Role
from payflow.api.routing.problems import (
    INVALID_CREDENTIALS,
    SESSION_REVOKED,
    UNAUTHORIZED,
    ProblemError,
)
from payflow.api.routing.route import Answer
from payflow.api.users.preferences import read_preferences
from payflow.api.users.shapes import Me
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    import uuid

    from payflow.api.auth.shapes import Credentials
    from payflow.api.routing.route import Call
    from payflow.ledger.pool import Connection

_SQL = files("payflow.api.auth") / "sql"
ACCOUNT = (_SQL / "account_by_email.sql").read_text()
_REHASH = (_SQL / "password_rehash.sql").read_text()
_ALERT = (_SQL / "reuse_alert.sql").read_text()

log = structlog.get_logger(__name__)


async def sign_in_by_password(call: Call) -> Answer:
    """Sign somebody in.

    Raises:
        ProblemError: invalid_credentials, account_locked, rate_limited.

    """
    given: Credentials = call.body
    auth = call.services.auth
    email = given.email.strip().lower()
    async with call.services.database.connection() as connection:
        account = await connection.fetchrow(ACCOUNT, email)
    device = auth.devices.known(cookies.cookie(call, cookies.DEVICE), email)
    try:
        taken = await auth.lockout.enter(email, call.address, device)
    except Locked as locked:
        if locked.just_now and account is not None:
            await _record_lock(call, account["user_id"])
        raise
    hashed = None if account is None or account["disabled_at"] else account["password_hash"]
    if not await auth.passwords.verify(hashed, given.password) or hashed is None:
        raise ProblemError(INVALID_CREDENTIALS)
    await auth.lockout.leave(taken)
    rehashed = await auth.passwords.hash(given.password) if auth.passwords.outdated(hashed) else None
    async with call.transaction() as connection:
        if rehashed is not None:
            await connection.execute(_REHASH, account["user_id"], rehashed, hashed)
        return await start_session(call, connection, account, by="password")


async def start_session(call: Call, connection: Connection, account: Any, *, by: str) -> Answer:
    """Begin a session for an account, and answer with its first tokens."""
    auth = call.services.auth
    now = call.services.clock()
    started = await auth.sessions.start(
        connection,
        account["user_id"],
        by=by,
        address=call.address,
        user_agent=call.headers.get(b"user-agent", b"").decode("latin-1"),
        now=now,
    )
    await record_action(
        connection,
        action="session.started",
        actor=f"user:{account['email']}",
        subject_kind="session",
        subject_id=started.session_id,
        details={"signed_in_by": by, "address": call.address},
        correlation_id=call.correlation_id,
        now=now,
    )
    mark = auth.devices.mark(account["email"])
    return _tokens(
        call,
        account,
        started.session_id,
        (
            _refresh_cookie(call, started.refresh_token),
            cookies.set_cookie(call, cookies.DEVICE, mark, cookies.DEVICE_AGE_MAX_S),
        ),
    )


async def refresh(call: Call) -> Answer:
    """Give new tokens for the refresh token in the cookie; a reused one ends its session.

    Raises:
        ProblemError: unauthorized, session_revoked, forbidden.

    """
    cookies.require_own_page(call)
    auth = call.services.auth
    given = cookies.cookie(call, cookies.REFRESH)
    if given is None:
        raise ProblemError(UNAUTHORIZED, detail="there is no session here; sign in")
    async with call.transaction() as connection:
        found = await auth.sessions.refresh(connection, given, call.services.clock())
        if found.refused is Refusal.REUSED:
            await _end_reused(call, connection, found.account)
    if found.refused is Refusal.UNKNOWN:
        raise ProblemError(UNAUTHORIZED, detail="the session is not known; sign in", headers=_forgotten(call))
    if found.refused is not None:
        raise ProblemError(SESSION_REVOKED, headers=_forgotten(call))
    session_id = str(found.account["session_id"])
    return _tokens(call, found.account, session_id, (_refresh_cookie(call, found.refresh_token),))


async def sign_out(call: Call) -> Answer:
    """End the session of the refresh token in the cookie; without one there is nothing to end.

    Raises:
        ProblemError: forbidden.

    """
    cookies.require_own_page(call)
    auth = call.services.auth
    given = cookies.cookie(call, cookies.REFRESH)
    if given is not None:
        now = call.services.clock()
        async with call.transaction() as connection:
            account = await auth.sessions.genuine(connection, given)
            if account is not None and account["revoked_at"] is None:
                await _end(call, connection, account, "signed_out", f"user:{account['email']}", now)
    return Answer(204, headers=_forgotten(call))


async def _end(
    call: Call, connection: Connection, account: Any, why: str, actor: str, now: Any, note: str | None = None
) -> None:
    session_id: uuid.UUID = account["session_id"]
    ended = await revoke_sessions(connection, account["user_id"], now, why, only=session_id)
    call.after_commit(lambda: call.services.auth.access.publish(ended))
    await record_action(
        connection,
        action=f"session.{why}",
        actor=actor,
        subject_kind="session",
        subject_id=str(session_id),
        note=note,
        details={"address": call.address},
        correlation_id=call.correlation_id,
        now=now,
    )


async def _end_reused(call: Call, connection: Connection, account: Any) -> None:
    """End a session whose refresh token came again after it was replaced: one of two holders is a thief."""
    now = call.services.clock()
    told = (
        f"A refresh token of {account['email']} came again from {call.address} after it had been replaced. "
        "The session was ended; if its owner doesn't know the address, change the password."
    )
    await _end(call, connection, account, "reused", "payflow", now, note=told)
    await connection.execute(_ALERT, told, call.correlation_id, now)
    log.warning("refresh_token_reused", user_id=str(account["user_id"]), address=call.address)


async def _record_lock(call: Call, user_id: uuid.UUID) -> None:
    async with call.services.database.transaction() as connection:
        await record_action(
            connection,
            action="user.locked",
            actor="payflow",
            subject_kind="user",
            subject_id=str(user_id),
            note="too many failed sign-ins",
            details={"address": call.address},
            correlation_id=call.correlation_id,
            now=call.services.clock(),
        )


def _tokens(call: Call, account: Any, session_id: str, set_cookies: tuple[str, ...]) -> Answer:
    auth = call.services.auth
    user_id = str(account["user_id"])
    body = Session(
        access_token=auth.tokens.issue(user_id, session_id),
        expires_in_s=auth.tokens.ttl_s,
        user=me_of(account),
    )
    return Answer(200, body, {"set-cookie": set_cookies})


def me_of(account: Any) -> Me:
    """Make the user of an account's row."""
    return Me(
        user_id=str(account["user_id"]),
        email=account["email"],
        name=account["name"],
        role=Role(account["role"]),
        preferences=read_preferences(account["preferences"]),
    )


def _refresh_cookie(call: Call, token: str) -> str:
    age_max_s = round(call.services.auth.sessions.limits.age_max.total_seconds())
    return cookies.set_cookie(call, cookies.REFRESH, token, age_max_s)


def _forgotten(call: Call) -> dict[str, str]:
    return {"set-cookie": cookies.set_cookie(call, cookies.REFRESH, "", 0)}
