"""Dead letters: the rows of the route table."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from payflow.api.dead_letters.choosing import by_ids_or_filter
from payflow.api.dead_letters.reading import count_groups, list_page, read_detail
from payflow.api.dead_letters.replays import begin, books_of, replay_of
from payflow.api.dead_letters.shapes import (
    IDS_MAX,
    REHEARSED_MAX,
    DeadLetter,
    DeadLetterDetail,
    Discarded,
    DiscardLetters,
    Foreseen,
    GroupsQuery,
    LetterFilters,
    LetterGroups,
    MovedSum,
    Replay,
    ReplayAnswer,
    ReplayLetters,
    Replays,
    ReplaysQuery,
)
from payflow.api.routing import Access, Answer, Call, Page, Role, Route
from payflow.api.routing.problems import CONFLICT, ProblemError
from payflow.api.row_ids import absent, row_id
from payflow.ledger.quarantine import ids_of, mark_letters
from payflow.redrive import rehearse_all

if TYPE_CHECKING:
    from payflow.ledger.quarantine import Rehearsal

_READ: Final = Access.at_least(Role.READ_ONLY)
_ACT: Final = Access.at_least(Role.OPERATOR)
SAMPLE_MAX: Final = 100

_SQL = files("payflow.api.dead_letters") / "sql"
_REPLAY = (_SQL / "replay.sql").read_text()
_REPLAYS = (_SQL / "replays.sql").read_text()
_STOP = (_SQL / "stop.sql").read_text()


async def list_letters(call: Call) -> Answer:
    """Answer with one page."""
    return Answer(200, await list_page(call))


async def list_groups(call: Call) -> Answer:
    """Answer with counts by class, reason and source."""
    return Answer(200, await count_groups(call))


async def get_letter(call: Call) -> Answer:
    """Answer with one letter and its body."""
    dead_letter_id = row_id(call, "dead_letter_id", "dead letter")
    async with call.reading() as connection:
        letter = await read_detail(connection, dead_letter_id)
    if letter is None:
        raise absent("dead letter", dead_letter_id)
    return Answer(200, letter)


async def replay_letters(call: Call) -> Answer:
    """Tell what a replay would do, or begin one."""
    body: ReplayLetters = call.body
    chosen = by_ids_or_filter(body.ids, body.filter)
    if body.dry_run:
        rehearsal = await rehearse_all(books_of(call.services), chosen, min(body.limit, REHEARSED_MAX))
        return Answer(200, _foreseen(rehearsal))
    async with call.transaction() as connection:
        replay = await begin(call, connection, chosen)
    begun = ReplayAnswer(
        dry_run=False, letters=0, counts={}, moved=[], parked_freed={}, sample=[], replay=replay
    )
    return Answer(202, begun, {"location": f"/api/v1/dead-letters/replays/{replay.replay_id}"})


async def list_replays(call: Call) -> Answer:
    """Answer with the newest replays."""
    async with call.reading() as connection:
        rows = await connection.fetch(_REPLAYS, call.query.limit)
    return Answer(200, Replays(items=[replay_of(row) for row in rows]))


async def get_replay(call: Call) -> Answer:
    """Answer with how far a replay is."""
    replay_id = row_id(call, "replay_id", "replay")
    async with call.reading() as connection:
        row = await connection.fetchrow(_REPLAY, replay_id)
    if row is None:
        raise absent("replay", replay_id)
    return Answer(200, replay_of(row))


async def stop_replay(call: Call) -> Answer:
    """Tell a replay to stop after the call to SQS that is under way."""
    replay_id = row_id(call, "replay_id", "replay")
    async with call.transaction() as connection:
        row = await connection.fetchrow(_STOP, replay_id, call.services.clock())
        if row is None:
            known = await connection.fetchrow(_REPLAY, replay_id)
            if known is None:
                raise absent("replay", replay_id)
            raise ProblemError(CONFLICT, detail=f"the replay is {known['state']} already")
    return Answer(200, replay_of(row))


async def discard_letters(call: Call) -> Answer:
    """Close letters without a replay."""
    body: DiscardLetters = call.body
    chosen = by_ids_or_filter(body.ids, body.filter)
    async with call.transaction() as connection:
        ids = list(chosen.ids or await ids_of(connection, chosen, IDS_MAX))
        discarded = await mark_letters(
            connection,
            ids,
            "discarded",
            actor=call.principal.actor,
            note=body.note,
            now=call.services.clock(),
        )
    return Answer(200, Discarded(discarded=discarded))


def _foreseen(rehearsal: Rehearsal) -> ReplayAnswer:
    sample = [
        Foreseen(**msgspec.structs.asdict(one) | {"dead_letter_id": str(one.dead_letter_id)})
        for one in rehearsal.foreseen[:SAMPLE_MAX]
    ]
    return ReplayAnswer(
        dry_run=True,
        letters=len(rehearsal.foreseen),
        counts=dict(rehearsal.verdicts),
        moved=[MovedSum(**msgspec.structs.asdict(moved)) for moved in rehearsal.moved],
        parked_freed=dict(rehearsal.parked_freed),
        sample=sample,
        replay=None,
    )


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/dead-letters",
        handler=list_letters,
        operation_id="listDeadLetters",
        tag="dead letters",
        summary="Deliveries that no retry can help, the newest first",
        access=_READ,
        query=LetterFilters,
        answers={200: Page[DeadLetter]},
    ),
    Route(
        method="GET",
        path="/dead-letters/groups",
        handler=list_groups,
        operation_id="countDeadLetters",
        tag="dead letters",
        summary="How many there are by class, reason and source",
        access=_READ,
        query=GroupsQuery,
        answers={200: LetterGroups},
    ),
    Route(
        method="GET",
        path="/dead-letters/replays",
        handler=list_replays,
        operation_id="listReplays",
        tag="dead letters",
        summary="Replays, the newest first",
        access=_READ,
        query=ReplaysQuery,
        answers={200: Replays},
    ),
    Route(
        method="GET",
        path="/dead-letters/replays/{replay_id}",
        handler=get_replay,
        operation_id="getReplay",
        tag="dead letters",
        summary="How far a replay is",
        access=_READ,
        answers={200: Replay},
    ),
    Route(
        method="POST",
        path="/dead-letters/replays/{replay_id}/stop",
        handler=stop_replay,
        operation_id="stopReplay",
        tag="dead letters",
        summary="Stop a replay; what was sent stays sent",
        access=_ACT,
        answers={200: Replay},
        idempotency=True,
    ),
    Route(
        method="GET",
        path="/dead-letters/{dead_letter_id}",
        handler=get_letter,
        operation_id="getDeadLetter",
        tag="dead letters",
        summary="One dead letter with its body and what was done with it",
        access=_READ,
        answers={200: DeadLetterDetail},
    ),
    Route(
        method="POST",
        path="/dead-letters/replay",
        handler=replay_letters,
        operation_id="replayDeadLetters",
        tag="dead letters",
        summary="Tell what a replay would do, or begin one in the background",
        description=(
            "The dry run judges up to 1,000 letters as a worker would, and takes everything back. A replay "
            "sends the bodies as they came, with their ids, at the rate; repeating it is safe."
        ),
        access=_ACT,
        body=ReplayLetters,
        answers={200: ReplayAnswer, 202: ReplayAnswer},
        idempotency=True,
    ),
    Route(
        method="POST",
        path="/dead-letters/discard",
        handler=discard_letters,
        operation_id="discardDeadLetters",
        tag="dead letters",
        summary="Close letters that need no replay, up to 1,000; the rows stay",
        access=_ACT,
        body=DiscardLetters,
        answers={200: Discarded},
        idempotency=True,
    ),
)
