"""Changing a password, forgetting it, and setting it by a one-time link."""

from __future__ import annotations

import uuid
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from payflow.api.auth.links import link_url, make_link, peek_link, use_link
from payflow.api.auth.sessions import revoke_sessions
from payflow.api.auth.signing_in import ACCOUNT
from payflow.api.budgets.store import Budget
from payflow.api.routing.problems import INVALID_CREDENTIALS, RATE_LIMITED, ProblemError
from payflow.api.routing.route import Answer
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from payflow.api.auth.mail import Sender
    from payflow.api.auth.shapes import Forgot, PasswordChange, PasswordReset
    from payflow.api.routing.route import Call
    from payflow.ledger.pool import Connection

FORGOTTEN_EMAIL: Final = Budget("forgot-email", 3, 3_600)
FORGOTTEN_ADDRESS: Final = Budget("forgot-address", 30, 3_600)
RESET_ADDRESS: Final = Budget("reset-address", 30, 900)

_SQL = files("payflow.api.auth") / "sql"
_SET = (_SQL / "password_set.sql").read_text()


async def change_password(call: Call) -> Answer:
    """Change one's own password; all other sessions end.

    Raises:
        ProblemError: invalid_credentials, account_locked, invalid_body, rate_limited.

    """
    given: PasswordChange = call.body
    auth, principal = call.services.auth, call.principal
    taken = await auth.lockout.enter(principal.email, call.address, principal.session_id)
    async with call.services.database.connection() as connection:
        account = await connection.fetchrow(ACCOUNT, principal.email)
    if account is None or not await auth.passwords.verify(account["password_hash"], given.current_password):
        raise ProblemError(INVALID_CREDENTIALS, detail="the current password is wrong")
    await auth.lockout.leave(taken)
    auth.passwords.check_new(given.new_password, principal.email, "/new_password")
    hashed = await auth.passwords.hash(given.new_password)
    async with call.transaction() as connection:
        user_id = uuid.UUID(principal.user_id)
        await _set(call, connection, user_id, hashed, "user.password_changed", principal.actor)
        await _end_sessions(call, connection, user_id, but=uuid.UUID(principal.session_id))
    return Answer(204)


async def forget_password(call: Call) -> Answer:
    """Send a link that resets the password; the answer is the same whether there is such an account.

    Raises:
        ProblemError: rate_limited, when one address asks for too many.

    """
    given: Forgot = call.body
    email = given.email.strip().lower()
    budgets = call.services.budgets
    if await budgets.add(FORGOTTEN_ADDRESS, call.address) > FORGOTTEN_ADDRESS.amount:
        raise ProblemError(RATE_LIMITED, headers={"retry-after": str(FORGOTTEN_ADDRESS.window_s)})

    async def send(sender: Sender) -> None:
        if await budgets.add(FORGOTTEN_EMAIL, email) <= FORGOTTEN_EMAIL.amount:
            await _send_reset(call, sender, email)

    call.services.auth.mailer.later(send)
    return Answer(202)


async def reset_password(call: Call) -> Answer:
    """Set a password by a one-time link, of a reset or an invitation; all sessions end.

    Raises:
        ProblemError: link_invalid, invalid_body, rate_limited.

    """
    given: PasswordReset = call.body
    services = call.services
    if await services.budgets.add(RESET_ADDRESS, call.address) > RESET_ADDRESS.amount:
        raise ProblemError(RATE_LIMITED, headers={"retry-after": str(RESET_ADDRESS.window_s)})
    async with services.database.connection() as connection:
        link = await peek_link(connection, given.token, services.clock())
    services.auth.passwords.check_new(given.new_password, link["email"], "/new_password")
    hashed = await services.auth.passwords.hash(given.new_password)
    async with call.transaction() as connection:
        link = await use_link(connection, given.token, services.clock())
        accepted = link["purpose"] == "invitation"
        action = "user.invitation_accepted" if accepted else "user.password_reset"
        await _set(call, connection, link["user_id"], hashed, action, f"user:{link['email']}")
        await _end_sessions(call, connection, link["user_id"], but=None)
    return Answer(204)


async def _send_reset(call: Call, sender: Sender, email: str) -> None:
    services = call.services
    now = services.clock()
    lasts = timedelta(seconds=services.settings.sign_in.reset_ttl_s)
    async with services.database.transaction() as connection:
        account = await connection.fetchrow(ACCOUNT, email)
        if account is None or account["disabled_at"]:
            return
        token = await make_link(
            connection, account["user_id"], "password_reset", made_by=f"user:{email}", lasts=lasts, now=now
        )
    url = link_url(services.options.public_url, token, "password_reset")
    minutes = round(lasts.total_seconds() / 60)
    await sender.send(
        email,
        "Choose a new password for PayFlow",
        f"Somebody, you we hope, asked for a new password.\n\n{url}\n\n"
        f"The link works once, within {minutes} minutes. If it was not you, nothing has changed.\n",
    )


async def _set(
    call: Call, connection: Connection, user_id: uuid.UUID, hashed: str, action: str, actor: str
) -> None:
    now = call.services.clock()
    await connection.execute(_SET, user_id, hashed, now)
    await record_action(
        connection,
        action=action,
        actor=actor,
        subject_kind="user",
        subject_id=str(user_id),
        details={"address": call.address},
        correlation_id=call.correlation_id,
        now=now,
    )


async def _end_sessions(call: Call, connection: Connection, user_id: uuid.UUID, *, but: Any) -> None:
    ended = await revoke_sessions(connection, user_id, call.services.clock(), "password_changed", but=but)
    call.after_commit(lambda: call.services.auth.access.publish(ended))
