"""What the pipeline asks of whoever knows whether the database is there."""

from __future__ import annotations

from typing import Protocol


class StoreGate(Protocol):
    """Holds work while the database is away. After `ready`, one of `succeeded` and `back_after` is due."""

    async def ready(self) -> bool:
        """Wait until the database may be used. False: give the work back, it is away for too long."""

    async def back_after(self, reason: str) -> bool:
        """Tell that the database failed, then wait like `ready`."""

    def succeeded(self) -> None:
        """Tell that the database answered; whether it took the work or refused it is all the same."""


class HoldNothing:
    """Gives work back as soon as the database fails."""

    async def ready(self) -> bool:
        """See `StoreGate.ready`."""
        return True

    async def back_after(self, reason: str) -> bool:  # noqa: ARG002 - nobody is told here
        """See `StoreGate.back_after`."""
        return False

    def succeeded(self) -> None:
        """See `StoreGate.succeeded`."""
