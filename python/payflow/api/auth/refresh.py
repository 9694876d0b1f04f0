"""Refresh tokens: derived from a session's salt, its generation and a signing key; the database holds none.

A token names its session and generation. Only the current generation is good; the one before it is for a few
seconds, because two tabs may refresh at once, and gets the same successor. An older one that was really ours
has been stolen or replayed, and ends the session. One that was never ours ends nothing: nobody can sign
others out by making tokens up.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from payflow.api.auth.keys import SigningKeys

TOKEN_LENGTH_MAX: Final = 256

_TAG_BYTES: Final = 32
_GENERATION_BYTES: Final = 8


class RefreshToken(NamedTuple):
    """What a token names, before its tag has been checked against the session's salt."""

    session_id: uuid.UUID
    generation: int
    key_id: str
    tag: bytes


class RefreshTokens:
    """Derives and checks refresh tokens."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys.derived("refresh-token")
        self._signing_id = keys.signing_id

    def issue(self, session_id: uuid.UUID, salt: bytes, generation: int) -> str:
        """Give the token of a generation; the same one each time."""
        key_id = self._signing_id
        body = session_id.bytes + generation.to_bytes(_GENERATION_BYTES, "big")
        return f"{key_id}.{_encoded(body + self._tag(key_id, body, salt))}"

    @staticmethod
    def parse(text: str) -> RefreshToken | None:
        """Take a token apart; None if it can't be one."""
        key_id, _, encoded = text.partition(".")
        try:
            raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        size = 16 + _GENERATION_BYTES
        if len(text) > TOKEN_LENGTH_MAX or len(raw) != size + _TAG_BYTES or _encoded(raw) != encoded:
            return None
        return RefreshToken(
            uuid.UUID(bytes=raw[:16]), int.from_bytes(raw[16:size], "big"), key_id, raw[size:]
        )

    def genuine(self, token: RefreshToken, salt: bytes) -> bool:
        """Tell whether the token was made here for this session."""
        if token.key_id not in self._keys:
            return False
        body = token.session_id.bytes + token.generation.to_bytes(_GENERATION_BYTES, "big")
        return hmac.compare_digest(token.tag, self._tag(token.key_id, body, salt))

    def _tag(self, key_id: str, body: bytes, salt: bytes) -> bytes:
        return hmac.digest(self._keys[key_id], body + salt, hashlib.sha256)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
