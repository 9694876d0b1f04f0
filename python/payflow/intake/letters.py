"""How dead letters travel, the same from both intakes: their attributes, and how many fit one call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from payflow.intake.contract import DEAD_LETTER_REASON_MAX, DeadLetter
from payflow.intake.packing import SEND_BYTES_MAX, packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["attributes_of", "runs_of"]

_REFUSED: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def attributes_of(letter: DeadLetter) -> dict[str, str]:
    """Return the attributes of a letter by name, in what SQS allows: not empty, no control characters.

    A message at the size limit has no room for attributes, so it gets none: it is what must not get lost.
    """
    attributes = {
        "payflow_class": letter.klass,
        "payflow_reason": letter.reason[:DEAD_LETTER_REASON_MAX],
        "payflow_path": letter.path,
        "payflow_message_id": letter.message_id,
        "payflow_correlation_id": letter.correlation_id,
        "payflow_payment_id": letter.payment_id,
        "payflow_event_id": letter.event_id,
    }
    allowed = {name: _REFUSED.sub("\ufffd", value) for name, value in attributes.items() if value}
    return allowed if _size(letter, allowed) <= SEND_BYTES_MAX else {}


def runs_of(letters: Sequence[DeadLetter]) -> Iterator[list[DeadLetter]]:
    """Cut letters into runs that fit one call each, ten and 1 MiB at most, in order."""
    return packed(letters, lambda letter: _size(letter, attributes_of(letter)))


def _size(letter: DeadLetter, attributes: dict[str, str]) -> int:
    """Return the size as SQS counts it: body, names, values and the type of each attribute, in bytes."""
    counted = (len(name) + len(value.encode()) + len("String") for name, value in attributes.items())
    return len(letter.body) + sum(counted)
