"""Preferences as they are stored: only what differs from the defaults was ever written."""

from __future__ import annotations

import zoneinfo
from typing import Any, Final

import msgspec
from msgspec import UNSET

from payflow.api.routing.problems import INVALID_BODY, Fault, ProblemError
from payflow.api.users.shapes import Notifications, Preferences, PreferencesPatch

COLUMN_LISTS_MAX: Final = 32

DEFAULTS: Final[dict[str, Any]] = {
    "theme": "system",
    "density": "comfortable",
    "time_zone": "UTC",
    "notifications": {"alerts_min_severity": "high", "sound": False},
    "columns": {},
}


def read_preferences(stored: str) -> Preferences:
    """Read what the database holds; what this release doesn't know any more falls back to its default."""
    found = msgspec.json.decode(stored)
    kept = {
        name: _merged(DEFAULTS[name], found[name]) if name in found else DEFAULTS[name] for name in DEFAULTS
    }
    try:
        return msgspec.convert(kept, Preferences)
    except msgspec.ValidationError:
        return msgspec.convert(DEFAULTS, Preferences)


def changed(current: Preferences, patch: PreferencesPatch) -> Preferences:
    """Give the preferences with a change made to them.

    Raises:
        ProblemError: invalid_body.

    """
    if patch.time_zone is not UNSET:
        _require_zone(patch.time_zone)
    notifications = current.notifications
    if patch.notifications is not UNSET:
        notifications = Notifications(
            alerts_min_severity=_given(
                patch.notifications.alerts_min_severity, notifications.alerts_min_severity
            ),
            sound=_given(patch.notifications.sound, notifications.sound),
        )
    columns = dict(current.columns)
    if patch.columns is not UNSET:
        columns |= patch.columns
        if len(columns) > COLUMN_LISTS_MAX:
            rule = f"must name {COLUMN_LISTS_MAX} lists at most"
            raise ProblemError(INVALID_BODY, detail=f"columns: {rule}", errors=[Fault("/columns", rule)])
    return Preferences(
        theme=_given(patch.theme, current.theme),
        density=_given(patch.density, current.density),
        time_zone=_given(patch.time_zone, current.time_zone),
        notifications=notifications,
        columns=columns,
    )


def _require_zone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        rule = "must be an IANA time zone, such as Europe/Berlin or UTC"
        raise ProblemError(
            INVALID_BODY, detail=f"time_zone: {rule}", errors=[Fault("/time_zone", rule)]
        ) from None


def _given(value: Any, otherwise: Any) -> Any:
    return otherwise if value is UNSET else value


def _merged(default: Any, stored: Any) -> Any:
    return {**default, **stored} if isinstance(default, dict) and isinstance(stored, dict) else stored
