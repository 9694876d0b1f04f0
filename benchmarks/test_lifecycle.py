"""What does the payment machine cost an event, seen from Python?

`cargo bench -p payflow-lifecycle` has the machine alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow import _native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payflow.decoding import Decoded

    from benchmarks.conftest import PerEvent

LOCK_COLUMNS = 16
READ_COLUMNS = 29


def fresh(decoded: Decoded) -> tuple[_native.Events, _native.Payments]:
    """Give a batch, and payments as the ledger reads them from empty books."""
    events = _native.Events(decoded.events, decoded.payloads)
    nothing = (None,) * LOCK_COLUMNS, (None,) * READ_COLUMNS
    return events, _native.Payments.read(events, bytes(len(events)), *nothing)


def test_lifecycle_judge(per_event: PerEvent, decoded: Iterator[Decoded], policies: _native.Policies) -> None:
    """Judge a batch: one verdict for each event, new sums and states, early facts parked and judged again."""
    per_event.measure(_native.apply, lambda: (*fresh(next(decoded)), policies), rounds=300)
