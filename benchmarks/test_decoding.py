"""What does it cost to turn the bytes of a body into a payment event, all its rules checked?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payflow.decoding import Decoder

    from benchmarks.conftest import Batches, PerEvent


def test_decode(per_event: PerEvent, batches: Batches, decoder: Decoder) -> None:
    """Decode a batch of plain events."""
    per_event.measure(decoder.decode, lambda: (next(batches),), rounds=300)
