"""Signing in, as the API takes and answers it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from payflow.api.users.shapes import EmailText, Me

Secret = Annotated[str, Meta(min_length=1, max_length=256)]


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """E-mail and password."""

    email: EmailText
    password: Secret


class Session(Struct, frozen=True):
    """A new access token and whose it is; the refresh token travels as a cookie."""

    access_token: str
    expires_in_s: int
    user: Me


class PasswordChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The password that is, and the one that shall be."""

    current_password: Secret
    new_password: Secret


class Forgot(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose password it is."""

    email: EmailText


class PasswordReset(Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a one-time link, and the new password."""

    token: Annotated[str, Meta(min_length=1, max_length=128)]
    new_password: Secret


class Providers(Struct, frozen=True):
    """Which ways of signing in there are beside the password."""

    google: bool


class GoogleStart(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go after signing in with Google."""

    next: Annotated[str, Meta(max_length=512, description="A path of the console.")] = "/"


class GoogleCallback(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What Google sends a browser back with; parameters that it adds on its own are named here too."""

    state: Annotated[str, Meta(max_length=512)] = ""
    code: Annotated[str, Meta(max_length=2_048)] = ""
    error: Annotated[str, Meta(max_length=512)] = ""
    error_description: Annotated[str, Meta(max_length=1_024)] = ""
    error_uri: Annotated[str, Meta(max_length=1_024)] = ""
    scope: Annotated[str, Meta(max_length=1_024)] = ""
    authuser: Annotated[str, Meta(max_length=64)] = ""
    prompt: Annotated[str, Meta(max_length=64)] = ""
    hd: Annotated[str, Meta(max_length=255)] = ""
    iss: Annotated[str, Meta(max_length=255)] = ""
    session_state: Annotated[str, Meta(max_length=255)] = ""
