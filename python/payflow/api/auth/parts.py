"""Everything that signing in is made of, put together once a process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from payflow.api.auth.access import SessionAccess
from payflow.api.auth.google import Google
from payflow.api.auth.lockout import Devices, Lockout, LockoutOptions
from payflow.api.auth.mail import Mailer, sender_of
from payflow.api.auth.news import AccessNews
from payflow.api.auth.passwords import Passwords
from payflow.api.auth.refresh import RefreshTokens
from payflow.api.auth.sessions import SessionBook, SessionLimits
from payflow.api.auth.tokens import AccessTokens
from payflow.api.routing.cursors import Cursors

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow.api.auth.keys import SigningKeys
    from payflow.api.budgets.store import BudgetStore
    from payflow.api.cache.front import Front
    from payflow.api.database import Database
    from payflow.settings import Settings


@dataclass(frozen=True)
class Auth:
    """The parts of signing in."""

    tokens: AccessTokens
    access: SessionAccess
    news: AccessNews
    sessions: SessionBook
    passwords: Passwords
    devices: Devices
    lockout: Lockout
    mailer: Mailer
    google: Google | None
    attempts: Cursors
    """Seals attempts to sign in elsewhere."""


def auth_of(
    settings: Settings,
    keys: SigningKeys,
    database: Database,
    front: Front,
    budgets: BudgetStore,
    clock: Callable[[], datetime],
    write: Callable[[str], None],
) -> Auth:
    """Put the parts together.

    Args:
        settings: the settings in force.
        keys: what signs.
        database: the record of sessions.
        front: Redis.
        budgets: counts failures.
        clock: the time in UTC.
        write: prints mails, if that is how they are sent.

    Raises:
        SettingsInvalid: when a setting can't be understood.

    """
    options = settings.sign_in

    def clock_s() -> float:
        return clock().timestamp()

    access = SessionAccess(database, front, clock)
    lockout = LockoutOptions(
        failures_max=options.failures_max,
        failures_account_max=options.failures_account_max,
        failures_address_max=options.failures_address_max,
        window_s=options.failures_window_s,
    )
    limits = SessionLimits(
        idle_max=timedelta(seconds=options.session_idle_max_s),
        age_max=timedelta(seconds=options.session_age_max_s),
    )
    return Auth(
        tokens=AccessTokens(keys, options.access_token_ttl_s, clock_s),
        access=access,
        news=AccessNews(database.options, access),
        sessions=SessionBook(RefreshTokens(keys), limits),
        passwords=Passwords(
            options.password_threads, options.password_queue_max, options.password_length_min
        ),
        devices=Devices(keys),
        lockout=Lockout(lockout, budgets),
        mailer=Mailer(sender_of(options.mail_url, options.mail_from, write)),
        google=_google(settings, clock_s),
        attempts=Cursors(keys.derived("oauth").values()),
    )


def _google(settings: Settings, clock_s: Callable[[], float]) -> Google | None:
    api = settings.api
    if api.google_client_id is None or api.google_client_secret is None:
        return None
    return Google(api.google_client_id, api.google_client_secret, api.google_issuer, clock_s)
