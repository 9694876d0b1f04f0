"""Oneself, and the administration of users."""

from __future__ import annotations

from typing import Final

from payflow.api.routing.access import Access, Role
from payflow.api.routing.listing import Page
from payflow.api.routing.problems import CONFLICT
from payflow.api.routing.route import Route
from payflow.api.users.administration import invite_again, invite_user, update_user
from payflow.api.users.me import end_my_session, get_me, list_my_sessions, update_me, update_preferences
from payflow.api.users.reading import get_user, list_users
from payflow.api.users.shapes import (
    Invitation,
    Me,
    MePatch,
    NewUser,
    PreferencesPatch,
    User,
    UserPatch,
    UserQuery,
    UserSessions,
)

TAG: Final = "users"
ADMIN: Final = Access.at_least(Role.ADMIN)

ROUTES: Final = (
    Route(
        method="GET",
        path="/users/me",
        handler=get_me,
        operation_id="getMe",
        tag=TAG,
        summary="Whoever calls",
        access=Access.SIGNED_IN,
        answers={200: Me},
    ),
    Route(
        method="PATCH",
        path="/users/me",
        handler=update_me,
        operation_id="updateMe",
        tag=TAG,
        summary="Change one's name",
        access=Access.SIGNED_IN,
        body=MePatch,
        answers={200: Me},
    ),
    Route(
        method="PATCH",
        path="/users/me/preferences",
        handler=update_preferences,
        operation_id="updatePreferences",
        tag=TAG,
        summary="Change some of one's preferences",
        access=Access.SIGNED_IN,
        body=PreferencesPatch,
        answers={200: Me},
    ),
    Route(
        method="GET",
        path="/users/me/sessions",
        handler=list_my_sessions,
        operation_id="listMySessions",
        tag=TAG,
        summary="All places that one is signed in at",
        access=Access.SIGNED_IN,
        answers={200: UserSessions},
    ),
    Route(
        method="DELETE",
        path="/users/me/sessions/{session_id}",
        handler=end_my_session,
        operation_id="endMySession",
        tag=TAG,
        summary="Sign out somewhere else",
        access=Access.SIGNED_IN,
        answers={204: None},
    ),
    Route(
        method="GET",
        path="/users",
        handler=list_users,
        operation_id="listUsers",
        tag=TAG,
        summary="Users, newest first",
        access=ADMIN,
        query=UserQuery,
        answers={200: Page[User]},
    ),
    Route(
        method="POST",
        path="/users",
        handler=invite_user,
        operation_id="inviteUser",
        tag=TAG,
        summary="Invite somebody",
        description="The link is shown once: a replayed answer comes without it.",
        access=ADMIN,
        body=NewUser,
        answers={201: Invitation},
        problems=(CONFLICT,),
        idempotency=True,
    ),
    Route(
        method="GET",
        path="/users/{user_id}",
        handler=get_user,
        operation_id="getUser",
        tag=TAG,
        summary="One user",
        access=ADMIN,
        answers={200: User},
    ),
    Route(
        method="PATCH",
        path="/users/{user_id}",
        handler=update_user,
        operation_id="updateUser",
        tag=TAG,
        summary="Change somebody's role or name, or disable the account",
        description="It bites on the user's next call. The last administrator can't be taken away.",
        access=ADMIN,
        body=UserPatch,
        answers={200: User},
        problems=(CONFLICT,),
        idempotency=True,
        if_match=True,
    ),
    Route(
        method="POST",
        path="/users/{user_id}/invite",
        handler=invite_again,
        operation_id="inviteAgain",
        tag=TAG,
        summary="Invite somebody again; the link before it works no more",
        access=ADMIN,
        answers={200: Invitation},
        problems=(CONFLICT,),
        idempotency=True,
    ),
)
