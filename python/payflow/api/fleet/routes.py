"""The fleet: the rows of the route table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from payflow.api.fleet.shapes import Breaker, DrainFleet, Fleet, FleetLimits, OrderFleet, Worker
from payflow.api.routing import Access, Answer, Call, Fault, ProblemError, Role, Route
from payflow.api.routing.problems import INVALID_BODY
from payflow.fleet import FleetState, Limits, OrderRefused, order, set_limits

if TYPE_CHECKING:
    from payflow import fleet as ordered
    from payflow.fleet import Ordered

_READ: Final = Access.at_least(Role.READ_ONLY)
_ACT: Final = Access.at_least(Role.OPERATOR)


async def get_fleet(call: Call) -> Answer:
    """Answer with the fleet as it is."""
    async with call.reading() as connection:
        return Answer(200, _document(await call.services.fleet.read(connection)))


async def order_fleet(state: FleetState, call: Call) -> Answer:
    """Ask the fleet, or one worker, to run, to pause or to drain."""
    body: OrderFleet | DrainFleet = call.body
    return await _ordered(
        call,
        partial(
            order,
            state=state,
            worker_id=body.worker_id,
            exits=getattr(body, "exits", False),
            note=body.note,
        ),
    )


async def limit_fleet(call: Call) -> Answer:
    """Hold the fleet to exactly these limits."""
    body: FleetLimits = call.body
    limits = Limits(
        rate_per_s=body.rate_per_s,
        merchants=body.merchants,
        batch_size_max=body.batch_size_max,
        concurrency_max=body.concurrency_max,
    )
    return await _ordered(call, partial(set_limits, limits=limits))


async def _ordered(call: Call, give: Any) -> Answer:
    look = call.services.fleet
    async with call.transaction() as connection:
        try:
            # Workers are told after the commit: one that looked before would find the order of before.
            done: Ordered = await give(
                connection,
                None,
                actor=call.principal.actor,
                now=call.services.clock(),
                correlation_id=call.correlation_id,
            )
        except OrderRefused as refused:
            faults = [Fault(pointer, rule) for pointer, rule in refused.faults]
            raise ProblemError(INVALID_BODY, detail=faults[0].detail, errors=faults) from refused
        call.after_commit(partial(look.tell, done.revision))
        return Answer(200, _document(await look.read(connection)))


def _document(fleet: ordered.Fleet) -> Fleet:
    limits = fleet.limits
    return Fleet(
        state=fleet.state.value,
        exits=fleet.exits,
        limits=FleetLimits(
            rate_per_s=limits.rate_per_s,
            merchants=limits.merchants,
            batch_size_max=limits.batch_size_max,
            concurrency_max=limits.concurrency_max,
        ),
        revision=fleet.revision,
        changed_by=fleet.changed_by,
        changed_at=fleet.changed_at,
        note=fleet.note,
        workers=[_worker(worker, fleet.revision) for worker in fleet.workers],
    )


_PLAIN: Final = tuple(
    name for name in Worker.__struct_fields__ if name not in {"ordered", "obeys", "breakers"}
)


def _worker(worker: ordered.Worker, revision: int) -> Worker:
    breakers = {
        name: Breaker(state=told.state, reason=told.reason, since=told.since)
        for name, told in worker.breakers.items()
    }
    return Worker(
        **{name: getattr(worker, name) for name in _PLAIN},
        ordered=None if worker.ordered is None else worker.ordered.value,
        obeys=worker.revision >= revision,
        breakers=breakers,
    )


def _order(
    path: str,
    operation_id: str,
    summary: str,
    state: FleetState,
    access: Access = _ACT,
    body: Any = OrderFleet,
) -> Route:
    return Route(
        method="POST",
        path=f"/fleet/{path}",
        handler=partial(order_fleet, state),
        operation_id=operation_id,
        tag="fleet",
        summary=summary,
        access=access,
        body=body,
        answers={200: Fleet},
        idempotency=True,
    )


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/fleet",
        handler=get_fleet,
        operation_id="getFleet",
        tag="fleet",
        summary="What the fleet is asked to do, and every worker with what it says of itself",
        access=_READ,
        answers={200: Fleet},
    ),
    _order(
        "pause",
        "pauseFleet",
        "Receive nothing more; what is in hand is finished",
        FleetState.PAUSED,
    ),
    _order("resume", "resumeFleet", "Receive and apply again", FleetState.RUNNING),
    _order(
        "drain",
        "drainFleet",
        "Receive nothing more, finish or give back what is in hand, and end if asked to",
        FleetState.DRAINING,
        Access.at_least(Role.ADMIN),
        DrainFleet,
    ),
    Route(
        method="PUT",
        path="/fleet/limits",
        handler=limit_fleet,
        operation_id="limitFleet",
        tag="fleet",
        summary="Hold the fleet to exactly these limits; what is not named is lifted",
        access=_ACT,
        body=FleetLimits,
        answers={200: Fleet},
        idempotency=True,
    ),
)
