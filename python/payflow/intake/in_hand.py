"""What is in hand: every delivery from its receipt until SQS has taken the decision on it."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from payflow.intake.outbox import BATCH_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Delivery", "InHand", "Stage"]


class Stage(Enum):
    """Where a delivery stands."""

    QUEUED = auto()
    RUNNING = auto()
    DELETING = auto()
    RETURNING = auto()


class Delivery:
    """One delivery; times are of the event loop's clock, in seconds."""

    __slots__ = (
        "decided_at",
        "due_at",
        "extending",
        "first",
        "give_up_at",
        "receipt",
        "return_after_s",
        "stage",
        "token",
        "visible_at",
    )

    def __init__(
        self, token: int, receipt: str, *, first: bool, visible_at: float, due_at: float, give_up_at: float
    ) -> None:
        self.token = token
        self.first = first
        self.decided_at = 0.0
        self.receipt = receipt
        self.visible_at = visible_at
        self.due_at = due_at
        self.give_up_at = give_up_at
        self.stage = Stage.QUEUED
        self.extending = False
        self.return_after_s: int | None = None


class InHand:
    """Deliveries by token, bounded."""

    def __init__(self, *, in_flight_max: int, visibility_timeout_s: float, total_max_s: float) -> None:
        self._deliveries: dict[int, Delivery] = {}
        self._last_token = 0
        self._reserved = 0
        self._in_flight_max = in_flight_max
        self._visibility_timeout_s = visibility_timeout_s
        self._total_max_s = total_max_s

    def __len__(self) -> int:
        return len(self._deliveries)

    def get(self, token: int) -> Delivery | None:
        """Return the delivery if it is still in hand."""
        return self._deliveries.get(token)

    def reserve(self) -> bool:
        """Set room aside for one full receive; False while the pipeline lags."""
        fits = len(self._deliveries) + self._reserved + BATCH_MAX <= self._in_flight_max
        self._reserved += BATCH_MAX if fits else 0
        return fits

    def unreserve(self) -> None:
        """Give back what `reserve` set aside, once the receive is over."""
        self._reserved -= BATCH_MAX

    def admit(self, receipt: str, now: float, *, first: bool) -> Delivery:
        """Take a delivery in hand and name it; `first` says that SQS had never handed it out before."""
        self._last_token += 1
        delivery = Delivery(
            self._last_token,
            receipt,
            first=first,
            visible_at=now + self._visibility_timeout_s,
            due_at=now + self._visibility_timeout_s / 2,
            give_up_at=now + self._total_max_s,
        )
        self._deliveries[delivery.token] = delivery
        return delivery

    def decide(self, token: int, stage: Stage) -> Delivery | None:
        """Move a delivery to its last stage; None if it is unknown or decided."""
        delivery = self._deliveries.get(token)
        if delivery is None or delivery.stage not in {Stage.QUEUED, Stage.RUNNING}:
            return None
        delivery.stage = stage
        return delivery

    def settle(self, token: int) -> None:
        """Let go of a delivery."""
        self._deliveries.pop(token, None)

    def undecided(self) -> list[int]:
        """Return the tokens that nobody has decided on."""
        waits = {Stage.QUEUED, Stage.RUNNING}
        return [delivery.token for delivery in self._deliveries.values() if delivery.stage in waits]

    def due(self, now: float) -> Iterator[Delivery]:
        """Yield the deliveries to extend now."""
        for delivery in list(self._deliveries.values()):
            if delivery.due_at <= now and not delivery.extending and delivery.stage is not Stage.RETURNING:
                yield delivery

    def extended(self, delivery: Delivery, asked_at: float) -> None:
        """Note an extension that SQS took."""
        delivery.visible_at = asked_at + self._visibility_timeout_s
        delivery.due_at = asked_at + self._visibility_timeout_s / 2

    def extend_later(self, delivery: Delivery, now: float) -> None:
        """Try again a little later what failed for no fault of ours."""
        delivery.due_at = now + min(1.0, self._visibility_timeout_s / 8)

    def lose(self, delivery: Delivery) -> None:
        """Stop extending. What waits in a lane is let go; what is worked on stays until it is decided."""
        delivery.due_at = float("inf")
        if delivery.stage is Stage.QUEUED:
            self.settle(delivery.token)
