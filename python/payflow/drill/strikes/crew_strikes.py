"""Faults of workers: how they end, and how they go on while something is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payflow.faults.disturbed_worker import Orders

if TYPE_CHECKING:
    from payflow.drill.crew import Crew
    from payflow.drill.plan import Injection

HOUR_S: Final = 3_600.0
_CLOCKS: Final = {"clock_ahead": HOUR_S, "clock_behind": -HOUR_S}


class CrewStrikes:
    """The lanes of all workers."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._refused: set[int] = set()

    def begin(self, injection: Injection) -> None:
        """See `Strikes.begin`."""
        number = injection.worker or 0
        member, name = self._crew.members[number], injection.kind.name
        taken = True
        if name == "killed":
            member.kill()
        elif name == "replaced":
            member.ask_to_end()
        elif name == "hurried":
            member.ask_to_end(times=2)
        elif name == "frozen":
            member.freeze()
        elif name == "blocked":
            taken = member.order(Orders(block_s=injection.lasts_s))
        elif name in _CLOCKS:
            taken = member.order(Orders(clock_offset_s=_CLOCKS[name]))
        else:
            raise ValueError(f"{injection.kind.slug}: no such fault of a worker")
        if not taken:
            self._refused.add(number)

    def end(self, injection: Injection) -> str:
        """See `Strikes.end`."""
        number = injection.worker or 0
        member, name = self._crew.members[number], injection.kind.name
        if name == "frozen":
            member.thaw()
        elif name in _CLOCKS:
            member.order(Orders())
        if number in self._refused:
            self._refused.remove(number)
            return "the worker was only starting"
        return ""

    def tend(self) -> None:
        """See `Strikes.tend`."""
        self._crew.tend()

    def heal(self) -> None:
        """See `Strikes.heal`."""
        self._crew.heal()
