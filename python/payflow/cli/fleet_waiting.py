"""`--wait`: until the workers do what was ordered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from payflow.fleet import FleetState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from payflow.fleet import Fleet, Worker

LOOK_INTERVAL_S: Final = 0.2
_UNDER_WAY: Final[dict[FleetState | None, set[str]]] = {
    None: set(),
    FleetState.RUNNING: set(),
    FleetState.PAUSED: {"running", "pausing"},
    FleetState.DRAINING: {"running", "pausing", "paused", "draining"},
}


class Awaited(NamedTuple):
    """Who does it, and who does not yet; workers that are no longer there are neither."""

    obeyed: list[Worker]
    late: list[Worker]


async def until_obeyed(
    look: Callable[[], Awaitable[Fleet]],
    revision: int,
    state: FleetState | None,
    worker_id: str | None,
    timeout_s: float,
    tell: Callable[[Awaited], None],
) -> Awaited:
    """Look at the fleet until every live worker that is meant does what was ordered, or the time is over.

    Args:
        look: reads the fleet.
        revision: of the order.
        state: what was asked for; None for limits.
        worker_id: whom it was asked of; None for all.
        timeout_s: how long to look; 0 looks once.
        tell: is given how far it is, each time.

    """
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + timeout_s
    while True:
        fleet = await look()
        meant = [worker for worker in fleet.live if worker_id in {None, worker.worker_id}]
        awaited = Awaited(
            [worker for worker in meant if obeys(worker, revision, state)],
            [worker for worker in meant if not obeys(worker, revision, state)],
        )
        tell(awaited)
        if not awaited.late or loop.time() >= ends_s:
            return awaited
        await asyncio.sleep(min(LOOK_INTERVAL_S, max(0.0, ends_s - loop.time())))


def obeys(worker: Worker, revision: int, state: FleetState | None) -> bool:
    """Tell whether a worker does what was ordered, all of it: no poll is left, or nothing is in hand."""
    return worker.revision >= revision and worker.state not in _UNDER_WAY[state]
