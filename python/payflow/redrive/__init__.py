"""Dead letters on their way back: what a replay would do, doing it at a rate, closing them."""

from payflow.redrive.pace import RATE_MAX_PER_S, Pace
from payflow.redrive.replaying import Books, Replayed, discard_all, rehearse_all, replay_all

__all__ = [
    "RATE_MAX_PER_S",
    "Books",
    "Pace",
    "Replayed",
    "discard_all",
    "rehearse_all",
    "replay_all",
]
