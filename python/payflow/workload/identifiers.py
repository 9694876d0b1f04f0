"""Identifiers as providers make them: time-ordered payments, unique events, each provider's operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from payflow.workload.sources import SourceProfile

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# An odd multiplier permutes the integers below 2**48: consecutive counters give unlike, distinct event ids.
_EVENT_STRIDE = 193_456_248_059_221
_EVENT_MASK = (1 << 48) - 1


class Identifiers:
    """Makes identifiers from one random stream; two events of one instance never share an id.

    The random part is spelt in hexadecimal digits: all of them are in ULID's alphabet, and they cost least.
    """

    __slots__ = ("_counter", "_random", "_time_ms", "_time_text")

    def __init__(self, random: Random) -> None:
        self._random = random
        self._counter = random.getrandbits(40)
        self._time_ms = -1
        self._time_text = ""

    def payment(self, now_ms: int) -> str:
        """Return a payment id, `pay_` and a ULID, that sorts by `now_ms`, Unix milliseconds."""
        return f"pay_{self._time(now_ms)}{self._random.getrandbits(64):016X}"

    def event(self, now_ms: int) -> str:
        """Return an event id not returned before."""
        self._counter += 1
        return f"evt_{self._time(now_ms)}{self._counter * _EVENT_STRIDE & _EVENT_MASK:012X}"

    def operation(self, source: SourceProfile, family: str) -> str:
        """Return the source's reference for an operation of the family."""
        if source.numeric_ids:
            return f"88{self._random.getrandbits(46):014d}"
        return f"{source.prefixes.get(family, '')}{self._random.getrandbits(56):014x}"

    def correlation(self) -> str:
        """Return a random UUID, version 4, as text."""
        text = f"{self._random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def _time(self, now_ms: int) -> str:
        """Spell the time in ten letters, the first part of a ULID."""
        if now_ms != self._time_ms:
            self._time_ms = now_ms
            self._time_text = "".join([_BASE32[(now_ms >> shift) & 31] for shift in range(45, -1, -5)])
        return self._time_text
