"""How messages share a call: SQS takes ten of them, and 1 MiB of bodies and attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from payflow.intake.outbox import BATCH_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["SEND_BYTES_MAX", "packed"]

SEND_BYTES_MAX: Final = 1_048_576
"""Of all messages of one call, attributes included, and so of any single message."""

Message = TypeVar("Message")


def packed(
    messages: Iterable[Message], size_of: Callable[[Message], int], messages_max: int = BATCH_MAX
) -> Iterator[list[Message]]:
    """Cut messages into runs that fit one call each, in order; `size_of` gives bytes as SQS counts them."""
    run: list[Message] = []
    run_bytes = 0
    for message in messages:
        size = size_of(message)
        if run and (len(run) >= min(messages_max, BATCH_MAX) or run_bytes + size > SEND_BYTES_MAX):
            yield run
            run, run_bytes = [], 0
        run.append(message)
        run_bytes += size
    if run:
        yield run
