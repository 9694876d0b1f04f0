"""What a proof found: one difference each, with what an operator looks at next."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

__all__ = ["NEXT_STEPS", "Difference", "Proof"]

_WHO = "find out who changed it: the expected value follows from the trail"
_DELETED = "look for deleted rows of audit_logs in a backup"

NEXT_STEPS: Final = MappingProxyType(
    {
        "applied_twice": "compare actors and times of the rows: one was not written by a worker",
        "first_sight_missing": f"{_DELETED}: the event was dealt with, and nothing says what it was",
        "payload_missing": "restore the payload from a backup of audit_logs",
        "payload_unreadable": "compare the payload with a backup, and the sources file with that of its time",
        "payload_altered": "restore the row from a backup; the tables were not held against this trail",
        "verdict_differs": f"{_DELETED}, and see whether the source's policy changed since",
        "payment_missing": "restore the row of payment_transactions from a backup",
        "payment_unexplained": f"find out who wrote the row of payment_transactions; {_DELETED}",
        "payment_differs": f"payment_transactions: {_WHO}",
        "operation_missing": "restore the row of payment_operations from a backup",
        "operation_unexplained": f"find out who wrote the row of payment_operations; {_DELETED}",
        "operation_differs": f"payment_operations: {_WHO}",
        "parked_missing": "put the fact back into parked_events, or it is never judged again",
        "parked_unexplained": "find out who wrote the row of parked_events; it would be judged and applied",
        "parked_differs": f"parked_events: {_WHO}",
        "sum_of_operations": "put payment_operations right first, then see whether the sum follows",
        "bound_broken": "check that the CHECK constraints of payment_transactions are in force",
        "edit_differs": f"payment_transactions: {_WHO}, as an operator changed it",
        "dead_letter_unexplained": f"{_DELETED}: a worker writes both in one transaction",
        "dead_letter_without_alert": "see whether the rule was disabled for a while, or alerts were deleted",
    }
)
"""What to look at, by the check that failed."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the trail says."""

    check: str
    """Which proof failed: a key of `NEXT_STEPS`."""
    payment_id: str
    audit_id: int | None
    """The row of the trail that shows it, where there is one."""
    subject: str
    """What differs: a field, an event, an operation, a parked fact, a dead letter."""
    expected: str
    found: str

    @property
    def next_step(self) -> str:
        """What to look at next."""
        return NEXT_STEPS[self.check]


@dataclass
class Proof:
    """What was proved, and what stands against it."""

    differences_max: int
    payments: int = 0
    audit_rows: int = 0
    dead_letters: int = 0
    differences_total: int = 0
    differences: list[Difference] = field(default_factory=list)
    """The first `differences_max` of them."""

    @property
    def clean(self) -> bool:
        """Whether nothing differs."""
        return self.differences_total == 0

    @property
    def room(self) -> int:
        """How many more differences are kept."""
        return self.differences_max - len(self.differences)

    def add(self, difference: Difference) -> None:
        """Count a difference, and keep it while there is room."""
        self.differences_total += 1
        if self.room > 0:
            self.differences.append(difference)
