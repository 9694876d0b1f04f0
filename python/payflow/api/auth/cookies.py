"""The cookies of signing in, and the check that a call that uses one comes from the console's own pages."""

from __future__ import annotations

import ipaddress
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from payflow.api.routing.problems import FORBIDDEN, ProblemError
from payflow.api.routing.table import PREFIX

if TYPE_CHECKING:
    from payflow.api.routing.route import Call

REFRESH: Final = "payflow_refresh"
DEVICE: Final = "payflow_device"
OAUTH: Final = "payflow_oauth"
DEVICE_AGE_MAX_S: Final = 365 * 86_400

_PATH: Final = f"{PREFIX}/auth"


def cookie(call: Call, name: str) -> str | None:
    """Give the value of a cookie of the call."""
    jar = SimpleCookie()
    try:
        jar.load(call.headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    found = jar.get(name)
    return None if found is None else found.value


def set_cookie(call: Call, name: str, value: str, age_max_s: int, *, same_site: str = "Strict") -> str:
    """Give the `Set-Cookie` header of a cookie that only signing in sees; an age of 0 deletes it."""
    secure = "" if _plain_loopback(call) else "; Secure"
    return f"{name}={value}; Path={_PATH}; Max-Age={age_max_s}; HttpOnly; SameSite={same_site}{secure}"


def require_own_page(call: Call) -> None:
    """Refuse a call that another site's page makes with our cookies.

    Browsers name the page's origin with every such call; who sends none is no browser, and has no cookies
    that he was not given.

    Raises:
        ProblemError: forbidden.

    """
    origin = call.headers.get(b"origin")
    if origin is None:
        if call.headers.get(b"sec-fetch-site", b"none") not in {b"none", b"same-origin"}:
            raise _foreign()
        return
    if not _is_own(call, origin.decode("latin-1")):
        raise _foreign()


def _is_own(call: Call, origin: str) -> bool:
    parts = urlsplit(origin)
    if parts.scheme not in {"http", "https"}:
        return False
    # A page can't choose the Host that its browser names; behind a proxy the public URL is the one to know.
    own = {_host(call), urlsplit(call.services.options.public_url).netloc}
    return parts.netloc in own or origin in call.services.options.cors_origins


def _plain_loopback(call: Call) -> bool:
    if call.scheme != "http" or call.services.options.public_url.startswith("https://"):
        return False
    name = urlsplit(f"//{_host(call)}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host(call: Call) -> str:
    return call.headers.get(b"host", b"").decode("latin-1")


def _foreign() -> ProblemError:
    return ProblemError(FORBIDDEN, detail="this call was made by a page of another site")
