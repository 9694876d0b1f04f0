"""What a drill does when: a pure function of its seed and its size, so that any run can be had again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from payflow.drill.kinds import SHOTS_MAX, Kind, Lane, deck_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Injection", "Plan", "Stretch", "make_plan"]

_LEAD_S: Final = (0.5, 2.0)
"""Before the first fault of a lane, so that there is something to break."""
_PAUSE_S: Final = (0.5, 4.0)
"""Between two faults of a lane, so that some work gets through."""


@dataclass(frozen=True)
class Injection:
    """One fault."""

    at_s: float
    """Since the begin of its stretch."""
    lasts_s: float
    kind: Kind
    worker: int | None = None
    """Which worker it strikes, from 0; None where it isn't one."""
    shots: int | None = None
    """How often it strikes, where it is counted."""

    @property
    def ends_s(self) -> float:
        """When it is over."""
        return self.at_s + self.lasts_s

    @property
    def name(self) -> str:
        """Name it for people: `postgres.commits_lost x3`, `worker-1.killed`."""
        slug = self.kind.slug if self.worker is None else f"worker-{self.worker + 1}.{self.kind.name}"
        return slug if self.shots is None else f"{slug} x{self.shots}"

    def as_json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "at_s": self.at_s,
            "lasts_s": self.lasts_s,
            "fault": self.kind.slug,
            "worker": None if self.worker is None else self.worker + 1,
            "shots": self.shots,
            "told": self.kind.told,
        }


@dataclass(frozen=True)
class Stretch:
    """Some time of faults; quiet follows."""

    seconds: float
    injections: tuple[Injection, ...]
    """In the order in which they begin."""


@dataclass(frozen=True)
class Plan:
    """All faults of a drill."""

    seed: int
    load: Stretch
    """Facts come, each may be delivered at any time and in any order."""
    contradictions: Stretch
    """Facts come that contradict what the books by then have."""

    @property
    def injections(self) -> tuple[Injection, ...]:
        """All of them."""
        return (*self.load.injections, *self.contradictions.injections)


def make_plan(seed: int, load_s: float, contradictions_s: float, workers: int) -> Plan:
    """Draw the faults.

    Args:
        seed: names the plan.
        load_s: how long faults strike while facts are sent.
        contradictions_s: how long they strike while contradictions are sent.
        workers: how many workers there are; each has faults of its own.

    """
    return Plan(
        seed,
        _stretch(f"{seed}:load", load_s, workers),
        _stretch(f"{seed}:contradictions", contradictions_s, workers),
    )


def _stretch(name: str, seconds: float, workers: int) -> Stretch:
    lanes: list[tuple[Lane, int | None]] = [(lane, None) for lane in Lane if lane is not Lane.WORKER]
    lanes += [(Lane.WORKER, worker) for worker in range(workers)]
    drawn = [
        injection for lane, worker in lanes for injection in _lane(name, lane, worker, round(seconds, 3))
    ]
    return Stretch(round(seconds, 3), tuple(sorted(drawn, key=lambda injection: injection.at_s)))


def _lane(name: str, lane: Lane, worker: int | None, seconds: float) -> Iterator[Injection]:
    """Draw one fault after the other; the whole deck is dealt before any kind comes again."""
    random = Random(f"{name}:{lane}:{worker}")  # noqa: S311 - it has to be repeatable
    deck: list[Kind] = []
    at_s = random.uniform(*_LEAD_S)
    while True:
        if not deck:
            deck = deck_of(lane)
            random.shuffle(deck)
        kind = deck.pop()
        lasts_s = round(random.uniform(*kind.lasts_s), 3)
        shots = random.randint(1, SHOTS_MAX) if kind.counted else None
        at_s = round(at_s, 3)
        if at_s + lasts_s > seconds:
            return
        yield Injection(at_s, lasts_s, kind, worker, shots)
        at_s += lasts_s + random.uniform(*_PAUSE_S)
