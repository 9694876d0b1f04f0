"""Runs one stretch of a plan: begins and ends faults when they are due, while messages are sent."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from payflow.bench.feeding import Feeder
    from payflow.bench.view import View
    from payflow.drill.plan import Injection, Stretch
    from payflow.drill.strikes import AllStrikes

_TICK_S: Final = 0.02


@dataclass(frozen=True)
class Struck:
    """One fault as it was."""

    stretch: str
    injection: Injection
    began_s: float
    """Since the begin of the stretch; a little late where an earlier fault took its time."""
    ended_s: float
    note: str
    """What it struck, where that can be told."""

    def as_json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return self.injection.as_json() | {
            "stretch": self.stretch,
            "began_s": round(self.began_s, 3),
            "ended_s": round(self.ended_s, 3),
            "note": self.note,
        }


class StretchRun:
    """One stretch on a site; in the main thread, which alone may start servers and workers."""

    def __init__(self, name: str, stretch: Stretch, strikes: AllStrikes, view: View) -> None:
        self.struck: list[Struck] = []
        self._name = name
        self._stretch = stretch
        self._strikes = strikes
        self._view = view
        self._under_way: dict[int, tuple[Injection, float]] = {}
        self._began_s = 0.0

    def go(self, feeder: Feeder) -> None:
        """Run it until its time is over and everything is sent; then bring everything back.

        Raises:
            DrillFailed: when a worker ends by itself.

        """
        waiting = list(reversed(self._stretch.injections))
        self._strikes.open()
        self._began_s = time.monotonic()
        feeder.start()
        with self._view.progress(f"Faults: {self._name}", round(self._stretch.seconds)) as progress:
            told_s = 0
            while (now_s := self._now_s()) < self._stretch.seconds or waiting or not feeder.done:
                self._end_due(now_s)
                while waiting and waiting[-1].at_s <= now_s:
                    self._begin(waiting.pop())
                self._strikes.tend()
                progress(int(now_s) - told_s)
                told_s = int(now_s)
                time.sleep(_TICK_S)
        self._end_due(float("inf"))
        self._strikes.heal()

    def _now_s(self) -> float:
        return time.monotonic() - self._began_s

    def _begin(self, injection: Injection) -> None:
        began_s = self._now_s()
        lasts = f"{injection.lasts_s:.1f} s" if injection.lasts_s else "at once"
        self._view.say(f"  {began_s:6.1f} s  {injection.name:<30}{lasts:>8}  {injection.kind.told}")
        self._strikes.begin(injection)
        self._under_way[id(injection)] = (injection, began_s)
        if not injection.lasts_s:
            self._end(injection)

    def _end_due(self, now_s: float) -> None:
        due = [injection for injection, _ in self._under_way.values() if injection.ends_s <= now_s]
        for injection in sorted(due, key=lambda injection: injection.ends_s):
            self._end(injection)

    def _end(self, injection: Injection) -> None:
        _, began_s = self._under_way.pop(id(injection))
        note = self._strikes.end(injection)
        self.struck.append(Struck(self._name, injection, began_s, self._now_s(), note))
