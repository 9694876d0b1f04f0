"""The kinds of values that shapes are made of, each with its bounds; the database holds what passes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, TypeAlias

from msgspec import Meta

MINOR_MAX: Final = 2**53 - 1
"""The largest amount: a browser still holds it exactly."""
TEXT_LENGTH_MAX: Final = 2_000

Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""A time with its zone, RFC 3339; answers are in UTC."""
AmountMinor: TypeAlias = Annotated[int, Meta(ge=1, le=MINOR_MAX)]
"""An amount to move, in minor units."""
SumMinor: TypeAlias = Annotated[int, Meta(ge=0, le=MINOR_MAX)]
"""A sum or a bound, in minor units."""
RowId: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$", examples=["1204"])]
"""The id of a row, as text: a browser can't hold all of them as numbers."""
Identifier: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
"""The id of a payment, an operation or an event, as its source chose it."""
Currency: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
Note: TypeAlias = Annotated[str, Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]
"""Why, in an operator's words."""
Text: TypeAlias = Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)]
