"""How long one failed message waits: exponential with full jitter, by visibility timeout."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RetryPolicy:
    """Delays grow from `delay_min_s` to `delay_max_s`, doubling with each receive."""

    delay_min_s: float = 1.0
    delay_max_s: float = 300.0
    rng: random.Random = field(default_factory=random.Random, repr=False)

    def delay_s(self, receive_count: int) -> int:
        """Give whole seconds to wait after a receive (1 for the first), drawn evenly up to its cap."""
        # 2**63 is past every cap; the exponent is bounded so that a hostile count costs nothing.
        cap = min(self.delay_max_s, self.delay_min_s * 2.0 ** min(max(receive_count, 1) - 1, 63))
        return round(self.rng.uniform(0.0, cap))
