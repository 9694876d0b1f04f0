"""How long one failed message waits, exponentially with full jitter, and how often it may fail."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RetryPolicy:
    """Delays grow from `delay_min_s` to `delay_max_s`, doubling with each attempt that failed."""

    delay_min_s: float = 1.0
    delay_max_s: float = 300.0
    attempts_max: int = 15
    """Failed attempts after which a message is dead-lettered."""
    rng: random.Random = field(default_factory=random.Random, repr=False)

    def delay_s(self, attempts: int) -> int:
        """Give whole seconds to wait after so many attempts, drawn evenly up to their cap."""
        # 2**63 is past every cap; the exponent is bounded so that a hostile count costs nothing.
        cap = min(self.delay_max_s, self.delay_min_s * 2.0 ** min(max(attempts, 1) - 1, 63))
        return round(self.rng.uniform(0.0, cap))

    def is_exhausted(self, attempts: int) -> bool:
        """Tell whether a message has failed often enough."""
        return attempts >= self.attempts_max

    def race_delay_s(self, races: int) -> float:
        """Give the pause before a batch that lost so many races runs again.

        The first few run again at once: the other worker is done by then. After that a little chance keeps
        two workers from meeting again and again.
        """
        return self.rng.uniform(0.0, min(0.1, 0.002 * 2.0 ** min(races - 3, 16))) if races > 3 else 0.0  # noqa: PLR2004
