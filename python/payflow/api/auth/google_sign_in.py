"""The two steps of signing in with Google, as the browser makes them."""

from __future__ import annotations

import hmac
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import msgspec
import structlog

from payflow.api.auth import cookies
from payflow.api.auth.google import Attempt, ProviderFailed
from payflow.api.auth.signing_in import start_session
from payflow.api.routing.problems import NOT_FOUND, ProblemError
from payflow.api.routing.route import Answer
from payflow.api.routing.table import PREFIX
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from payflow.api.auth.google import Google, Identity
    from payflow.api.auth.shapes import GoogleCallback, GoogleStart
    from payflow.api.routing.route import Call
    from payflow.ledger.pool import Connection

ATTEMPT_AGE_MAX_S: Final = 600
PROVIDER: Final = "google"

_BOUND_TO: Final = b"google"
_SQL = files("payflow.api.auth") / "sql"
_BY_IDENTITY = (_SQL / "account_by_identity.sql").read_text()
_LINK = (_SQL / "identity_link.sql").read_text()

log = structlog.get_logger(__name__)


async def start_google(call: Call) -> Answer:
    """Send the browser to Google.

    Raises:
        ProblemError: not_found, when Google is not set up.

    """
    given: GoogleStart = call.query
    google = _required(call)
    try:
        url, attempt = await google.start(_redirect_url(call), _own_path(given.next))
    except ProviderFailed as error:
        log.warning("google_failed", reason=str(error))
        return _refused(call, "provider_unavailable")
    sealed = call.services.auth.attempts.seal(msgspec.to_builtins(attempt), _BOUND_TO)
    # Lax, because the browser comes back from another site.
    cookie = cookies.set_cookie(call, cookies.OAUTH, sealed, ATTEMPT_AGE_MAX_S, same_site="Lax")
    return Answer(302, headers={"location": url, "set-cookie": cookie})


async def finish_google(call: Call) -> Answer:
    """Take the browser back from Google: sign in, and lead on to the console.

    Raises:
        ProblemError: not_found, when Google is not set up.

    """
    given: GoogleCallback = call.query
    google = _required(call)
    attempt = _attempt(call)
    if attempt is None or not hmac.compare_digest(attempt.state, given.state) or not given.code:
        return _refused(call, "cancelled" if given.error else "state_invalid")
    try:
        identity = await google.finish(_redirect_url(call), given.code, attempt)
    except ProviderFailed as error:
        log.warning("google_failed", reason=str(error))
        return _refused(call, "provider_failed")
    async with call.transaction() as connection:
        account = await _account(call, connection, identity)
        if account is None or account["disabled_at"]:
            log.info("google_refused", reason="no such account", correlation_id=call.correlation_id)
            return _refused(call, "no_account")
        answer = await start_session(call, connection, account, by=PROVIDER)
    separator = "&" if "?" in attempt.goes_to else "?"
    location = f"{attempt.goes_to}{separator}{urlencode({'signed_in': PROVIDER})}"
    set_cookies = (*answer.headers["set-cookie"], _spent(call))
    return Answer(302, headers={"location": location, "set-cookie": set_cookies})


async def _account(call: Call, connection: Connection, identity: Identity) -> Any:
    """Find the account of an identity: by its subject, else by its verified e-mail, and then link it."""
    found = await connection.fetchrow(_BY_IDENTITY, PROVIDER, identity.subject)
    if found is not None or not identity.email_verified:
        return found
    now = call.services.clock()
    linked = await connection.fetchrow(_LINK, PROVIDER, identity.subject, identity.email, now)
    if linked is not None:
        await record_action(
            connection,
            action="user.identity_linked",
            actor=f"user:{linked['email']}",
            subject_kind="user",
            subject_id=str(linked["user_id"]),
            details={"provider": PROVIDER},
            correlation_id=call.correlation_id,
            now=now,
        )
    return linked


def _required(call: Call) -> Google:
    google = call.services.auth.google
    if google is None:
        raise ProblemError(NOT_FOUND, detail="signing in with Google is not set up")
    return google


def _attempt(call: Call) -> Attempt | None:
    sealed = cookies.cookie(call, cookies.OAUTH)
    if sealed is None:
        return None
    try:
        return msgspec.convert(call.services.auth.attempts.open(sealed, _BOUND_TO), Attempt)
    except (ProblemError, msgspec.ValidationError):
        return None


def _redirect_url(call: Call) -> str:
    return f"{call.services.options.public_url}{PREFIX}/auth/google/callback"


def _own_path(wanted: str) -> str:
    """Take a path of the console, and nothing that leads to another site."""
    safe = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return quote(wanted, safe="/?&=%#:,+-_.~!*()") if safe else "/"


def _refused(call: Call, reason: str) -> Answer:
    return Answer(302, headers={"location": f"/sign-in?error={reason}", "set-cookie": _spent(call)})


def _spent(call: Call) -> str:
    return cookies.set_cookie(call, cookies.OAUTH, "", 0, same_site="Lax")
