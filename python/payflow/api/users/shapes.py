"""Users as the API shows them and takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from payflow.api.routing.access import Role
from payflow.api.routing.listing import ListQuery
from payflow.api.routing.values import Instant

EmailText = Annotated[
    str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.com"])
]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
ColumnName = Annotated[str, Meta(min_length=1, max_length=64)]
Columns = Annotated[list[ColumnName], Meta(max_length=64)]

Theme = Literal["light", "dark", "system"]
Density = Literal["comfortable", "compact"]
AlertsFrom = Literal["info", "warning", "high", "critical", "none"]
Status = Literal["active", "invited", "disabled"]


class Notifications(Struct, frozen=True):
    """Which alerts are called out in the console."""

    alerts_min_severity: AlertsFrom
    sound: bool


class Preferences(Struct, frozen=True):
    """How the console looks to one user."""

    theme: Theme
    density: Density
    time_zone: str
    notifications: Notifications
    columns: dict[str, list[str]]


class Me(Struct, frozen=True):
    """Whoever is signed in."""

    user_id: str
    email: str
    name: str
    role: Role
    preferences: Preferences


class User(Struct, frozen=True):
    """An account, as administrators see it."""

    user_id: str
    email: str
    name: str
    role: Role
    status: Status
    created_at: Instant
    last_sign_in_at: Instant | None
    etag: str


class Invitation(Struct, frozen=True):
    """A new account, and the link that lets its owner set a password; shown once."""

    user: User
    invitation_url: str | None


class UserSession(Struct, frozen=True):
    """One place that a user is signed in at."""

    session_id: str
    current: bool
    signed_in_by: str
    address: str
    user_agent: str
    created_at: Instant
    seen_at: Instant
    expires_at: Instant


class UserSessions(Struct, frozen=True):
    """All places that a user is signed in at."""

    items: list[UserSession]


class UserQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Filters of the list of users."""

    role: Role | None = None
    status: Status | None = None
    sort: Literal["name", "-name", "created_at", "-created_at"] = "-created_at"
    text: Annotated[str, Meta(min_length=1, max_length=120, description="Part of e-mail or name.")] | None = (
        None
    )


class NewUser(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to be invited."""

    email: EmailText
    name: Name
    role: Role


class UserPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator changes of an account."""

    role: Role | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class MePatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What users change of themselves."""

    name: Name


class NotificationsPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Notifications, as far as they change."""

    alerts_min_severity: AlertsFrom | UnsetType = UNSET
    sound: bool | UnsetType = UNSET


class PreferencesPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Preferences, as far as they change; columns change list by list."""

    theme: Theme | UnsetType = UNSET
    density: Density | UnsetType = UNSET
    time_zone: Annotated[str, Meta(min_length=1, max_length=64, examples=["Europe/Berlin"])] | UnsetType = (
        UNSET
    )
    notifications: NotificationsPatch | UnsetType = UNSET
    columns: Annotated[dict[ColumnName, Columns], Meta(max_length=32)] | UnsetType = UNSET
