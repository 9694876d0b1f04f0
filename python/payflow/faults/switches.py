"""What a proxy does to what passes it, and what it has done so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DELAY_MS_MAX = 60_000.0
SHOTS_MAX = 1_000_000


@dataclass(frozen=True)
class Switches:
    """How bytes pass. A switch that counts falls by one each time that it strikes, and is off at 0."""

    delay_ms: float = 0.0
    """What a question and its answer take longer together; half of it lies in each direction."""
    frozen: bool = False
    """Connections are taken and nothing passes, either way; what was said comes through after the thaw."""
    refusing: bool = False
    """New connections are refused; those that stand go on."""
    torn_replies: int = 0
    """So many answers are handed on by half, and their connections reset."""
    lost_commits: int = 0
    """So many COMMITs of PostgreSQL never reach the server; their connections are reset."""
    unanswered_commits: int = 0
    """So many COMMITs take effect, and their connections are reset before the client hears of it."""

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Switches:
        """Read and check switches; those that are not named are off.

        Raises:
            ValueError: names the switch, its rule and the fix.

        """
        kinds = {field.name: type(field.default) for field in fields(cls)}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"{name}: there is no such switch; name one of {', '.join(kinds)}")
            if kinds[name] is bool and not isinstance(value, bool):
                raise ValueError(f"{name}: must be true or false, is {value!r}")
            if kinds[name] is int and not (type(value) is int and 0 <= value <= SHOTS_MAX):
                raise ValueError(f"{name}: must be a number from 0 to {SHOTS_MAX}, is {value!r}")
            if kinds[name] is float and not _is_delay(value):
                raise ValueError(f"{name}: must be from 0 to {DELAY_MS_MAX:g}, is {value!r}")
        return cls(**values)


def _is_delay(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(str(value))) and 0 <= float(str(value)) <= DELAY_MS_MAX


@dataclass
class Counts:
    """What a proxy has done since its start."""

    accepted: int = 0
    """Connections that were taken."""
    unreachable: int = 0
    """Connections that were closed at once, because the server took none."""
    cut: int = 0
    """Connections that `cut` has ended."""
    torn_replies: int = 0
    lost_commits: int = 0
    unanswered_commits: int = 0
