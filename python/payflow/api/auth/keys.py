"""The keys that sign: the first signs, all are accepted, so that a key can be changed without a stop."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

from payflow.errors import SettingsInvalid

KEY_BYTES_MIN: Final = 32
KEYS_MAX: Final = 8

_VARIABLE: Final = "PAYFLOW_API_SIGNING_KEYS"
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_ADVICE: Final = (
    "give `id:base64` with 32 bytes or more, for example `k1:$(openssl rand -base64 32)`; "
    "several are separated by commas"
)


@dataclass(frozen=True, repr=False)
class SigningKeys:
    """Secrets by their ids, the signing one first."""

    by_id: dict[str, bytes]

    @property
    def signing_id(self) -> str:
        """The id of the key that signs."""
        return next(iter(self.by_id))

    def derived(self, purpose: str) -> dict[str, bytes]:
        """Give keys for one purpose, so that what is signed for one is worth nothing for another."""
        return {
            name: hmac.digest(key, f"payflow:{purpose}".encode(), hashlib.sha256)
            for name, key in self.by_id.items()
        }

    @classmethod
    def parse(cls, text: str | None) -> SigningKeys:
        """Read the setting.

        Raises:
            SettingsInvalid: when it is unset or breaks its rule; the text never has a part of a key.

        """
        if text is None:
            raise SettingsInvalid(
                [f"{_VARIABLE}: must be set; {_ADVICE}; or run `payflow up`, which makes one"]
            )
        found: dict[str, bytes] = {}
        for number, part in enumerate(text.split(","), 1):
            name, _, encoded = part.strip().partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except ValueError:
                key = b""
            if not _ID.fullmatch(name) or len(key) < KEY_BYTES_MIN or name in found or number > KEYS_MAX:
                raise SettingsInvalid([f"{_VARIABLE}: key {number} breaks the rule; {_ADVICE}"])
            found[name] = key
        return cls(found)


def fresh_key() -> str:
    """Make a key, as the setting takes it."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES_MIN)).decode()}"
