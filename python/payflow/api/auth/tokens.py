"""Access tokens: short-lived JWTs that name a session. What the session may do is never in the token."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

import jwt
from msgspec import Struct

from payflow.api.routing.problems import TOKEN_EXPIRED, UNAUTHORIZED, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.api.auth.keys import SigningKeys

ALGORITHM: Final = "HS256"
ISSUER: Final = "payflow"
AUDIENCE: Final = "payflow-api"
REQUIRED: Final = ("aud", "iss", "exp", "nbf", "iat", "jti", "sub", "sid")
LEEWAY_S: Final = 5
"""How far the clocks of two processes may be apart."""
TOKEN_LENGTH_MAX: Final = 2_048
VERIFIED_MAX: Final = 10_000
"""Tokens whose signature was checked and need not be for as long as they live."""

_SEGMENTS: Final = 3


class Claims(Struct, frozen=True):
    """What a token says: whose session it is, and until when, in Unix seconds."""

    user_id: str
    session_id: str
    expires_s: int


class AccessTokens:
    """Issues and verifies access tokens.

    Args:
        keys: the secrets.
        ttl_s: how long a token lives.
        clock_s: Unix time in seconds.

    """

    def __init__(self, keys: SigningKeys, ttl_s: int, clock_s: Callable[[], float] = time.time) -> None:
        self.ttl_s = ttl_s
        self._keys = keys.derived("access-token")
        self._signing_id = keys.signing_id
        self._clock_s = clock_s
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()

    def issue(self, user_id: str, session_id: str) -> str:
        """Give a token for a session."""
        now_s = int(self._clock_s())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user_id,
            "sid": session_id,
            "jti": secrets.token_urlsafe(12),
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + self.ttl_s,
        }
        key = self._keys[self._signing_id]
        return jwt.encode(
            claims, key, algorithm=ALGORITHM, headers={"kid": self._signing_id, "typ": "at+jwt"}
        )

    def verify(self, authorization: bytes | None) -> Claims:
        """Read the `Authorization` header of a call.

        Raises:
            ProblemError: unauthorized or token_expired.

        """
        scheme, _, token = (authorization or b"").partition(b" ")
        if scheme.lower() != b"bearer" or not token:
            raise ProblemError(UNAUTHORIZED)
        if len(token) > TOKEN_LENGTH_MAX:
            raise _refused()
        # Found by the digest of the whole token: another spelling of one is another token.
        digest = hashlib.sha256(token).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = self._verified_now(token.decode("latin-1"))
            self._verified[digest] = claims
            if len(self._verified) > VERIFIED_MAX:
                self._verified.popitem(last=False)
        if claims.expires_s + LEEWAY_S <= self._clock_s():
            self._verified.pop(digest, None)
            raise ProblemError(TOKEN_EXPIRED)
        return claims

    def _verified_now(self, token: str) -> Claims:
        if not _in_one_spelling(token):
            raise _refused()
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys[header["kid"]]
            found: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_S,
                # The time is checked here, by the injected clock.
                options={
                    "require": list(REQUIRED),
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
            claims = Claims(str(found["sub"]), str(found["sid"]), int(found["exp"]))
            not_before_s = max(int(found["nbf"]), int(found["iat"]))
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise _refused() from None
        if not_before_s - LEEWAY_S > self._clock_s():
            raise _refused()
        return claims


def _in_one_spelling(token: str) -> bool:
    """Tell whether each part is base64url as encoders write it: decoders take other spellings, too."""
    parts = token.split(".")
    if len(parts) != _SEGMENTS:
        return False
    try:
        return all(
            base64.urlsafe_b64encode(
                base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
            )
            .rstrip(b"=")
            .decode()
            == part
            for part in parts
        )
    except ValueError:
        return False


def _refused() -> ProblemError:
    return ProblemError(UNAUTHORIZED, detail="the access token is not valid")
