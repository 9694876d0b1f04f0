"""Identifiers that PayFlow makes: they sort by the time at which they were made, and can't be guessed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
_LENGTH: Final = 26
_RANDOM_BITS: Final = 80


def new_identifier(now: datetime) -> str:
    """Make a ULID: 48 bits of milliseconds, 80 bits of chance, 26 characters."""
    number = (int(now.timestamp() * 1_000) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
