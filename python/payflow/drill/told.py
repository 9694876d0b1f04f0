"""What a drill has sent, on the disk: what the books must say follows from it and from nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from payflow.workload import Delivery
    from payflow.workload.draft import Fact

PARTS: Final = "0123456789abcdef"
"""Payments are compared part by part, by the first digit of their id's digest: memory stays bounded."""


@dataclass
class Told:
    """What was sent: valid facts, facts that contradict their payment, and no facts at all."""

    facts: list[Fact] = field(default_factory=list)
    faulty: list[Fact] = field(default_factory=list)
    malformed: list[bytes] = field(default_factory=list)
    """Bodies of messages that are no events."""
    resent: int = 0
    """Messages that may be in the queue twice, since the sender got no answer."""

    @classmethod
    def by(cls, deliveries: Iterable[Delivery]) -> Told:
        """Sort the deliveries of a workload."""
        told = cls()
        for delivery in deliveries:
            told.add(delivery)
        return told

    def add(self, delivery: Delivery) -> None:
        """Add one delivery; a duplicate tells nothing new."""
        if delivery.fact is None:
            self.malformed.append(delivery.body)
        elif delivery.kind == "faulty":
            self.faulty.append(delivery.fact)
        elif delivery.kind == "fact":
            self.facts.append(delivery.fact)


def part_of(payment_id: str) -> str:
    """Give the part that a payment belongs to."""
    return hashlib.md5(payment_id.encode(), usedforsecurity=False).hexdigest()[0]


class ToldFiles:
    """Keeps what is sent in one file for each part; use it as a context manager while it grows.

    Args:
        folder: made for it.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Any] = {}
        self.malformed: list[bytes] = []

    def __enter__(self) -> Self:
        """Open the files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._files = {part: (self._folder / f"{part}.jsonl").open("wb") for part in PARTS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        for file in self._files.values():
            file.close()

    def add(self, delivery: Delivery) -> None:
        """Keep one delivery; a duplicate tells nothing new."""
        if delivery.fact is None:
            self.malformed.append(delivery.body)
        elif delivery.kind != "duplicate":
            line = orjson.dumps([delivery.kind, delivery.fact], option=orjson.OPT_APPEND_NEWLINE)
            self._files[part_of(delivery.payment_id)].write(line)

    def parts(self) -> Iterator[tuple[str, Told]]:
        """Read them one after the other."""
        for part in PARTS:
            told = Told()
            with (self._folder / f"{part}.jsonl").open("rb") as file:
                for line in file:
                    kind, fact = orjson.loads(line)
                    (told.faulty if kind == "faulty" else told.facts).append(fact)
            yield part, told
