"""Minor units as decimal text, exactly."""

from __future__ import annotations


def decimal_text(minor: int, exponent: int) -> str:
    """Write minor units with the decimal places of their currency: 12345 with 2 is `123.45`.

    Integers throughout; a float would be wrong from 2^53 on, and looks wrong much earlier.
    """
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(exponent + 1, "0")
    if exponent == 0:
        return sign + digits
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"
