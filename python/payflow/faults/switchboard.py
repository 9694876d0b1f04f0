"""What all connections of one proxy share: the switches in force, the counts, and who is connected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from payflow.faults.switches import Counts, Switches

if TYPE_CHECKING:
    from payflow.faults.link import LinkEnd

Shot: TypeAlias = Literal["torn_replies", "lost_commits", "unanswered_commits"]


class Switchboard:
    """Holds the switches; connections ask it for each piece that passes."""

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self.counts = Counts()
        self.ends: set[LinkEnd] = set()

    @property
    def frozen(self) -> bool:
        """Whether nothing passes."""
        return self.switches.frozen

    @property
    def half_delay_s(self) -> float:
        """What each direction takes longer."""
        return self.switches.delay_ms / 2_000

    def strikes(self, shot: Shot) -> bool:
        """Say whether a counted switch is on, and use it up by one."""
        left = getattr(self.switches, shot)
        if not left:
            return False
        self.switches = replace(self.switches, **{shot: left - 1})
        setattr(self.counts, shot, getattr(self.counts, shot) + 1)
        return True

    def turn(self, switches: Switches) -> None:
        """Put other switches in force; after a thaw, what was held passes."""
        self.switches = switches
        for end in list(self.ends):
            end.wake()

    def cut(self) -> None:
        """Reset every connection."""
        ends = list(self.ends)
        self.counts.cut += sum(not end.hears_server for end in ends)
        for end in ends:
            end.abort()
