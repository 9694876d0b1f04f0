"""What the fleet is asked to do, and what follows from it for one worker."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

__all__ = [
    "BATCH_SIZE_MAX",
    "CONCURRENCY_MAX",
    "MERCHANTS_MAX",
    "RATE_MAX_PER_S",
    "RATE_MIN_PER_S",
    "Duty",
    "FleetState",
    "Limits",
    "OrderRefused",
    "Orders",
    "OwnOrder",
]

RATE_MIN_PER_S: Final = 0.01
RATE_MAX_PER_S: Final = 1_000_000.0
CONCURRENCY_MAX: Final = 1_024
BATCH_SIZE_MAX: Final = 5_000
MERCHANTS_MAX: Final = 100
"""Merchants with a rate of their own; each costs a call to Redis while its events wait."""
MERCHANT_LENGTH_MAX: Final = 128


class FleetState(StrEnum):
    """What workers are asked to be, from the least strict to the strictest."""

    RUNNING = "running"
    """Receive and apply."""
    PAUSED = "paused"
    """Receive nothing; what is in hand is finished."""
    DRAINING = "draining"
    """Receive nothing, and finish or give back what is in hand; then stay, or end when that was asked for."""


_STRICTNESS: Final = list(FleetState)


class OrderRefused(ValueError):  # noqa: N818 - named for what happened to it
    """An order that can't be obeyed; nothing was changed. ``faults`` has JSON pointers with their rules."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        self.faults = faults
        super().__init__("\n".join(rule for _, rule in faults))


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the fleet is held to; None lifts a limit."""

    rate_per_s: float | None = None
    """Deliveries a second that all workers together receive."""
    merchants: dict[str, float] = {}
    """Events a second of these merchants that all workers together apply."""
    batch_size_max: int | None = None
    """Events that close a batch; None: what each worker is set to."""
    concurrency_max: int | None = None
    """Lanes of one worker that process at once; None: all that it started."""

    def check(self) -> None:
        """Hold every value against its bounds.

        Raises:
            OrderRefused: names each value that is out of them.

        """
        faults = [*self._faulty_rates(), *self._faulty_counts()]
        if faults:
            raise OrderRefused(*faults)

    def _faulty_rates(self) -> list[tuple[str, str]]:
        rates = {f"merchants/{merchant}": rate for merchant, rate in self.merchants.items()}
        if self.rate_per_s is not None:
            rates["rate_per_s"] = self.rate_per_s
        faults = [
            (f"/{name}", f"{name}: must be {RATE_MIN_PER_S:g} to {RATE_MAX_PER_S:,.0f} a second, is {rate:g}")
            for name, rate in rates.items()
            # Asked this way round, "nan" is refused too.
            if not RATE_MIN_PER_S <= rate <= RATE_MAX_PER_S
        ]
        if len(self.merchants) > MERCHANTS_MAX:
            rule = f"merchants: must be at most {MERCHANTS_MAX} with a rate of their own"
            faults.append(("/merchants", f"{rule}, are {len(self.merchants)}"))
        faults += [
            ("/merchants", f"merchants: a merchant's id has 1 to {MERCHANT_LENGTH_MAX} characters")
            for merchant in self.merchants
            if not 1 <= len(merchant) <= MERCHANT_LENGTH_MAX
        ]
        return faults

    def _faulty_counts(self) -> list[tuple[str, str]]:
        return [
            (f"/{name}", f"{name}: must be 1 to {most:,}, is {count}")
            for name, count, most in (
                ("concurrency_max", self.concurrency_max, CONCURRENCY_MAX),
                ("batch_size_max", self.batch_size_max, BATCH_SIZE_MAX),
            )
            if count is not None and not 1 <= count <= most
        ]


class OwnOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker is asked for beyond the rest of the fleet."""

    state: FleetState
    exits: bool
    revision: int


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What the database has for one worker, all of one moment."""

    revision: int
    state: FleetState
    exits: bool
    state_revision: int
    """The revision at which `state` and `exits` were ordered."""
    limits: Limits
    own: OwnOrder | None
    workers_live: int
    """Workers that the database saw lately, this one included; at least 1."""

    def duty(self, born_revision: int) -> Duty:
        """Give what the worker has to do: the stricter of the fleet's order and its own.

        Args:
            born_revision: the revision that it found at its start. An order to end is for those that ran when
                it was given: whoever is started afterwards would be ended again and again.

        """
        states, exits = [self.state], self.exits and self.state_revision > born_revision
        if self.own is not None:
            states.append(self.own.state)
            exits = exits or (self.own.exits and self.own.revision > born_revision)
        return Duty(
            revision=self.revision,
            state=max(states, key=_STRICTNESS.index),
            exits=exits,
            limits=self.limits,
            workers_live=max(self.workers_live, 1),
        )


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker has to do."""

    revision: int = 0
    state: FleetState = FleetState.RUNNING
    exits: bool = False
    """End once drained."""
    limits: Limits = Limits()
    workers_live: int = 1
