"""The administration of accounts as routes: invite, change, disable."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from payflow.api.routing.access import Role
from payflow.api.routing.problems import CONFLICT, ProblemError
from payflow.api.routing.route import Answer
from payflow.api.users.accounts import Acting, change_account, create_account, make_account_link
from payflow.api.users.reading import required_user, user_of
from payflow.api.users.shapes import Invitation

if TYPE_CHECKING:
    import uuid

    from payflow.api.routing.route import Call
    from payflow.api.users.shapes import NewUser, User, UserPatch
    from payflow.ledger.pool import Connection


async def invite_user(call: Call) -> Answer:
    """Create an account and answer with its invitation.

    Raises:
        ProblemError: conflict, when there is such an account.

    """
    given: NewUser = call.body
    acting = _acting(call)
    async with call.transaction() as connection:
        user_id = await create_account(
            connection, acting, email=given.email, name=given.name, role=given.role
        )
        return await _invitation(call, connection, user_id, 201)


async def invite_again(call: Call) -> Answer:
    """Answer with a new invitation; the one before it works no more.

    Raises:
        ProblemError: not_found, or conflict for an account that needs none.

    """
    async with call.transaction() as connection:
        account = await required_user(connection, call.path["user_id"])
        if account["status"] != "invited":
            raise ProblemError(CONFLICT, detail=f"the account is {account['status']}; it needs no invitation")
        return await _invitation(call, connection, account["user_id"], 200)


async def update_user(call: Call) -> Answer:
    """Change an account; it bites on its owner's next call.

    Raises:
        ProblemError: not_found, precondition_failed, or conflict for the last administrator.

    """
    given: UserPatch = call.body
    async with call.transaction() as connection:
        account = await required_user(connection, call.path["user_id"])
        call.require_version(account["version"])
        changes = await change_account(
            connection,
            _acting(call),
            account,
            role=Role(account["role"]) if given.role is UNSET else given.role,
            name=account["name"] if given.name is UNSET else given.name,
            disabled=account["status"] == "disabled" if given.disabled is UNSET else given.disabled,
        )
        call.after_commit(lambda: call.services.auth.access.publish(changes))
        user = user_of(await required_user(connection, call.path["user_id"]))
    return Answer(200, user, {"etag": user.etag})


async def _invitation(call: Call, connection: Connection, user_id: uuid.UUID, status: int) -> Answer:
    lasts = timedelta(seconds=call.services.settings.sign_in.invitation_ttl_s)
    url = await make_account_link(
        connection,
        _acting(call),
        user_id,
        "invitation",
        lasts=lasts,
        public_url=call.services.options.public_url,
    )
    user = user_of(await required_user(connection, str(user_id)))
    _mail(call, user, url, lasts)
    body = Invitation(user, url)
    # Only the digest of a link is kept anywhere: a replayed answer comes without it.
    return Answer(
        status, body, {"etag": user.etag}, kept_body=msgspec.structs.replace(body, invitation_url=None)
    )


def _mail(call: Call, user: User, url: str, lasts: timedelta) -> None:
    async def after() -> None:
        call.services.auth.mailer.later(
            lambda sender: sender.send(
                user.email,
                "You are invited to PayFlow",
                f"Hello {user.name},\n\nchoose a password to begin:\n\n{url}\n\n"
                f"The link works once, within {round(lasts.total_seconds() / 3_600)} hours.\n",
            )
        )

    call.after_commit(after)


def _acting(call: Call) -> Acting:
    return Acting(call.principal.actor, call.services.clock(), call.correlation_id)
