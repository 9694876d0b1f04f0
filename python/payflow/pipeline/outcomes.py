"""What becomes of each delivery of a batch: exactly one of three things."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payflow.intake.contract import DeadLetter


@dataclass
class Outcomes:
    """Tokens by fate. A delivery is in one of the three, and nothing is left out."""

    done: list[int] = field(default_factory=list)
    retries: list[tuple[int, int]] = field(default_factory=list)
    """(token, delay in seconds)."""
    dead_letters: list[DeadLetter] = field(default_factory=list)

    def add(self, other: Outcomes) -> None:
        """Take over the outcomes of another part of the batch."""
        self.done += other.done
        self.retries += other.retries
        self.dead_letters += other.dead_letters

    def __len__(self) -> int:
        return len(self.done) + len(self.retries) + len(self.dead_letters)
