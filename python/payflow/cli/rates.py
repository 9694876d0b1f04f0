"""How a rate is written on the command line."""

from __future__ import annotations

import re
from typing import Final

from payflow.redrive.pace import RATE_MAX_PER_S

__all__ = ["rate_per_s"]

_RATE: Final = re.compile(r"(\d{1,5})(?:/s)?")


def rate_per_s(text: str) -> int:
    """Read `50` or `50/s`.

    Raises:
        ValueError: it is neither, or out of range; the text says what it may be.

    """
    found = _RATE.fullmatch(text)
    rate = int(found[1]) if found else 0
    if not 1 <= rate <= RATE_MAX_PER_S:
        raise ValueError(f"{text!r} is no rate: write 1/s to {RATE_MAX_PER_S}/s")
    return rate
