"""Which failed messages wait in the database instead of in their queue.

A message that waits by visibility timeout counts against what SQS lets a queue have in flight, and each
receive brings it nearer to the queue's redrive policy, whoever spent it. One that waits in the database does
neither: it is sent again under a new id, and brings along who it was and what it has behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Cause: TypeAlias = Literal["long_wait", "receives_spent"]

CAUSES: Final[tuple[Cause, ...]] = ("long_wait", "receives_spent")

RECEIVES_KEPT: Final = 2
"""Receives that are kept for what may befall a message on its way: a deploy, a worker that is killed."""


@dataclass(frozen=True, kw_only=True)
class Deferral:
    """Says where a failed message waits.

    Args:
        queue: names the queue in the database.
        delay_min_s: shorter waits are never spent in the database.
        beyond_share: tells whether more of the budget in flight is used than its share.
        redriven_at: tells after how many receives SQS itself dead-letters a message; None if it doesn't.
        body_bytes_max: longer bodies could not be sent again.

    """

    queue: str
    delay_min_s: float
    beyond_share: Callable[[], bool]
    redriven_at: Callable[[], int | None]
    body_bytes_max: int

    def cause(self, *, delay_s: int, receives: int, attempts_left: int, body_bytes: int) -> Cause | None:
        """Say why the message should wait in the database; None if it should wait in its queue.

        Args:
            delay_s: how long it is to wait.
            receives: how often SQS has handed it out under the id that it has now.
            attempts_left: attempts that it still has.
            body_bytes: size of its body.

        """
        if body_bytes > self.body_bytes_max:
            return None
        redriven_at = self.redriven_at()
        if redriven_at is not None:
            receives_left = redriven_at - receives
            # With as many receives as attempts left, the worker's own decision comes in time.
            if receives_left <= RECEIVES_KEPT and receives_left < attempts_left:
                return "receives_spent"
        if delay_s >= self.delay_min_s and self.beyond_share():
            return "long_wait"
        return None
