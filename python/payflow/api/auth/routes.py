"""Signing in, staying signed in, signing out."""

from __future__ import annotations

from typing import Final

from payflow.api.auth.google_sign_in import finish_google, start_google
from payflow.api.auth.password_changes import change_password, forget_password, reset_password
from payflow.api.auth.shapes import (
    Credentials,
    Forgot,
    GoogleCallback,
    GoogleStart,
    PasswordChange,
    PasswordReset,
    Providers,
    Session,
)
from payflow.api.auth.signing_in import refresh, sign_in_by_password, sign_out
from payflow.api.routing.access import Access
from payflow.api.routing.problems import (
    ACCOUNT_LOCKED,
    FORBIDDEN,
    INVALID_CREDENTIALS,
    LINK_INVALID,
    NOT_FOUND,
    SESSION_REVOKED,
    UNAUTHORIZED,
)
from payflow.api.routing.route import Answer, Call, Route

TAG: Final = "auth"


async def list_providers(call: Call) -> Answer:
    """Answer with the ways of signing in beside the password."""
    return Answer(200, Providers(google=call.services.auth.google is not None))


ROUTES: Final = (
    Route(
        method="POST",
        path="/auth/login",
        handler=sign_in_by_password,
        operation_id="login",
        tag=TAG,
        summary="Sign in by e-mail and password",
        description="The refresh token is set as the cookie `payflow_refresh`.",
        access=Access.PUBLIC,
        body=Credentials,
        answers={200: Session},
        problems=(INVALID_CREDENTIALS, ACCOUNT_LOCKED),
    ),
    Route(
        method="POST",
        path="/auth/refresh",
        handler=refresh,
        operation_id="refresh",
        tag=TAG,
        summary="New tokens for the session of the cookie",
        description="Each call replaces the refresh token. One that comes again later ends the session.",
        access=Access.PUBLIC,
        answers={200: Session},
        problems=(UNAUTHORIZED, SESSION_REVOKED, FORBIDDEN),
    ),
    Route(
        method="POST",
        path="/auth/logout",
        handler=sign_out,
        operation_id="logout",
        tag=TAG,
        summary="End the session of the cookie, at once and everywhere",
        access=Access.PUBLIC,
        answers={204: None},
        problems=(FORBIDDEN,),
    ),
    Route(
        method="POST",
        path="/auth/password/change",
        handler=change_password,
        operation_id="changePassword",
        tag=TAG,
        summary="Change one's password; all other sessions end",
        access=Access.SIGNED_IN,
        body=PasswordChange,
        answers={204: None},
        problems=(INVALID_CREDENTIALS, ACCOUNT_LOCKED),
    ),
    Route(
        method="POST",
        path="/auth/password/forgot",
        handler=forget_password,
        operation_id="forgotPassword",
        tag=TAG,
        summary="Have a link sent that resets the password",
        description="The answer is the same whether there is such an account.",
        access=Access.PUBLIC,
        body=Forgot,
        answers={202: None},
    ),
    Route(
        method="POST",
        path="/auth/password/reset",
        handler=reset_password,
        operation_id="resetPassword",
        tag=TAG,
        summary="Set a password by a one-time link, of a reset or an invitation",
        access=Access.PUBLIC,
        body=PasswordReset,
        answers={204: None},
        problems=(LINK_INVALID,),
    ),
    Route(
        method="GET",
        path="/auth/providers",
        handler=list_providers,
        operation_id="listProviders",
        tag=TAG,
        summary="Ways of signing in beside the password",
        access=Access.PUBLIC,
        answers={200: Providers},
    ),
    Route(
        method="GET",
        path="/auth/google/start",
        handler=start_google,
        operation_id="startGoogle",
        tag=TAG,
        summary="Send the browser to Google",
        access=Access.PUBLIC,
        query=GoogleStart,
        answers={302: None},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="GET",
        path="/auth/google/callback",
        handler=finish_google,
        operation_id="finishGoogle",
        tag=TAG,
        summary="Take the browser back from Google",
        access=Access.PUBLIC,
        query=GoogleCallback,
        answers={302: None},
        problems=(NOT_FOUND,),
    ),
)
