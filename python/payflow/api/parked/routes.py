"""Parked facts: the rows of the route table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.parked.shapes import (
    DiscardFact,
    LinkedFact,
    LinkFact,
    ParkedFact,
    ParkedFactDetail,
    ParkedFilters,
)
from payflow.api.routing import Access, Answer, Call, Page, ProblemError, Role, Route, page, window
from payflow.api.routing.listing import COUNT_MAX
from payflow.api.routing.problems import CONFLICT, NOT_FOUND
from payflow.ledger.quarantine import (
    ParkedFilter,
    count_parked,
    discard_fact,
    link_fact,
    list_parked,
    list_parked_back,
    payload_of,
)

if TYPE_CHECKING:
    from payflow.ledger.quarantine import Parked

_READ: Final = Access.at_least(Role.READ_ONLY)
_ACT: Final = Access.at_least(Role.OPERATOR)


async def list_facts(call: Call) -> Answer:
    """Answer with one page."""
    query, asked = call.query, window(call)
    chosen = ParkedFilter(
        payment_id=query.payment_id,
        source=query.source,
        waits_for=query.reason,
        parked_before=query.parked_before,
    )
    place = None
    if asked.position is not None:
        parked_at, payment_id, source, event_id = asked.position
        place = (datetime.fromisoformat(parked_at), payment_id, source, event_id)
    async with call.reading() as connection:
        if asked.backwards and place is not None:
            facts = await list_parked_back(connection, chosen, limit=asked.limit + 1, ahead_of=place)
        else:
            facts = (await list_parked(connection, chosen, limit=asked.limit + 1, behind=place)).facts
        counted = await count_parked(connection, chosen, COUNT_MAX + 1) if query.count else None
    made = page(
        call,
        asked,
        facts,
        key=lambda fact: (fact.parked_at.isoformat(), *fact.key),
        shape=lambda fact: ParkedFact(**_fields(fact)),
        counted=counted,
    )
    return Answer(200, made)


async def get_fact(call: Call) -> Answer:
    """Answer with one fact and its event."""
    key = _key(call)
    chosen = ParkedFilter(payment_id=key[0], source=key[1], event_id=key[2])
    async with call.reading() as connection:
        facts = (await list_parked(connection, chosen, limit=1)).facts
        payload = await payload_of(connection, key)
    if not facts:
        raise _no_fact(key)
    raw = None if payload is None else msgspec.Raw(payload)
    return Answer(200, ParkedFactDetail(**_fields(facts[0]), payload=raw))


async def discard_parked(call: Call) -> Answer:
    """Take a fact out of parking for good."""
    key = _key(call)
    async with call.transaction() as connection:
        done = await discard_fact(
            connection, key, actor=call.principal.actor, note=call.body.note, now=call.services.clock()
        )
        if not done:
            raise _no_fact(key)
    return Answer(204)


async def link_parked(call: Call) -> Answer:
    """Apply a fact to the payment that it belongs to."""
    key, body, books = _key(call), call.body, call.services.books
    async with call.transaction() as connection:
        linked = await link_fact(
            connection,
            books.machinery.policies,
            await books.rules_in_force(connection),
            books.decoder.decode,
            call.services.clock,
            key,
            body.to_payment_id,
            actor=call.principal.actor,
            note=body.note,
        )
        if linked.verdict == "not_parked":
            raise _no_fact(key)
        if not linked.done:
            raise ProblemError(
                CONFLICT,
                detail=f"on payment {body.to_payment_id} it would be {linked.verdict} ({linked.reason}); "
                "it goes on waiting where it is",
                verdict=linked.verdict,
                reason=linked.reason,
            )
    return Answer(
        200, LinkedFact(payment_id=body.to_payment_id, verdict=linked.verdict, reason=linked.reason)
    )


def _key(call: Call) -> tuple[str, str, str]:
    return call.path["payment_id"], call.path["source"], call.path["event_id"]


def _no_fact(key: tuple[str, str, str]) -> ProblemError:
    payment_id, source, event_id = key
    return ProblemError(
        NOT_FOUND, detail=f"the event {event_id} of {source} does not wait on payment {payment_id}"
    )


def _fields(fact: Parked) -> dict[str, Any]:
    fields = msgspec.structs.asdict(fact)
    return fields | {"type": fields.pop("kind"), "reason": fields.pop("waits_for"), "waiting_for": fact.needs}


_FACT: Final = "/parked/{payment_id}/{source}/{event_id}"

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/parked",
        handler=list_facts,
        operation_id="listParked",
        tag="parked facts",
        summary="Facts that came before what they need, those that wait longest first",
        access=_READ,
        query=ParkedFilters,
        answers={200: Page[ParkedFact]},
    ),
    Route(
        method="GET",
        path=_FACT,
        handler=get_fact,
        operation_id="getParked",
        tag="parked facts",
        summary="One parked fact with its event as it came",
        access=_READ,
        answers={200: ParkedFactDetail},
    ),
    Route(
        method="POST",
        path=f"{_FACT}/discard",
        handler=discard_parked,
        operation_id="discardParked",
        tag="parked facts",
        summary="Take a fact out of parking for good; the trail keeps it",
        access=_ACT,
        body=DiscardFact,
        answers={204: None},
        idempotency=True,
    ),
    Route(
        method="POST",
        path=f"{_FACT}/link",
        handler=link_parked,
        operation_id="linkParked",
        tag="parked facts",
        summary="Apply a fact to the payment that it belongs to; only if it applies there",
        access=_ACT,
        body=LinkFact,
        answers={200: LinkedFact},
        idempotency=True,
    ),
)
