"""Dead letters on their way back: what a replay would do, doing it at a rate, closing them."""

from payflow.redrive.editing import Edit, read_edit, rehearse_edit, replay_edit
from payflow.redrive.pace import RATE_MAX_PER_S, Pace
from payflow.redrive.replaying import Books, Replayed, discard_all, rehearse_all, replay_all

__all__ = [
    "RATE_MAX_PER_S",
    "Books",
    "Edit",
    "Pace",
    "Replayed",
    "discard_all",
    "read_edit",
    "rehearse_all",
    "rehearse_edit",
    "replay_all",
    "replay_edit",
]
