"""`payflow parked`: what waits, what it needs, and the ways out that an operator has."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from payflow.ledger.quarantine import discard_fact, link_fact

from tests.integration.quarantine.yard import OPERATOR, authorized, captured, fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.ledger.quarantine import Linked

    from tests.integration.quarantine.yard import Yard

Command: TypeAlias = "Callable[..., tuple[int, Any]]"


def key(event: dict[str, Any]) -> tuple[str, str, str]:
    return event["payment_id"], event["source"], event["event_id"]


async def link(yard: Yard, event: dict[str, Any], to: str) -> Linked:
    async with yard.pool.acquire() as connection:
        return await link_fact(
            *(connection, yard.policies, yard.rules, yard.decoder.decode, yard.clock, key(event), to),
            actor=OPERATOR,
            note="the provider's reference was wrong",
        )


async def test_a_discarded_fact_is_gone_for_good_and_the_trail_says_by_whom(yard: Yard) -> None:
    event = captured("p")
    await yard.book(event)
    async with yard.pool.acquire() as connection:
        done = [
            await discard_fact(
                connection, key(event), actor=OPERATOR, note="a test payment", now=yard.clock()
            )
            for _ in range(2)
        ]
    assert done == [True, False]
    await yard.book(authorized("p"))
    assert await yard.rows("SELECT captured_minor FROM payment_transactions") == [(0,)]
    trail = "SELECT verdict, reason, actor FROM audit_logs WHERE verdict = 'discarded'"
    assert await yard.rows(trail) == [("discarded", "by_operator", OPERATOR)]
    actions = (
        "SELECT action, payment_id, event_id, actor, note FROM audit_logs WHERE subject_kind = 'parked_fact'"
    )
    assert await yard.rows(actions) == [
        ("parked_fact.discarded", "p", event["event_id"], OPERATOR, "a test payment")
    ]
    assert await yard.differences() == []


async def test_a_linked_fact_is_applied_to_the_other_payment_and_leaves_the_first(yard: Yard) -> None:
    event = captured("wrong", "c", 700) | {"metadata": {"large": 2**70}}
    await yard.book(event)
    await yard.book(authorized("right", 1_000))
    assert (await link(yard, event, "right")).done
    sums = "SELECT payment_id, captured_minor FROM payment_transactions ORDER BY 1"
    assert await yard.rows(sums) == [("right", 700), ("wrong", 0)]
    assert await yard.rows("SELECT count(*) FROM parked_events") == [(0,)]
    trail = "SELECT payment_id, verdict, actor FROM audit_logs WHERE event_id = $1 AND subject_kind IS NULL"
    assert sorted(await yard.rows(trail, event["event_id"])) == [
        ("right", "apply", OPERATOR),
        ("wrong", "linked", OPERATOR),
        ("wrong", "premature", "worker"),
    ]
    recorded = "SELECT action, subject_id FROM audit_logs WHERE subject_kind IS NOT NULL"
    assert await yard.rows(recorded) == [("parked_fact.linked", f"wrong/stripe/{event['event_id']}")]
    moved = "SELECT payload FROM audit_logs WHERE payment_id = 'right' AND action = 'capture.succeeded'"
    [(payload,)] = await yard.rows(moved)
    assert json.loads(payload) == event | {"payment_id": "right"}
    assert await yard.differences() == []


@pytest.mark.parametrize(
    ("to", "verdict"),
    [
        pytest.param("nowhere", "premature", id="no such payment"),
        pytest.param("small", "impossible", id="too large for it"),
        pytest.param("yen", "impossible", id="another currency"),
    ],
)
async def test_a_fact_that_would_not_apply_there_stays_where_it_waits(
    yard: Yard, to: str, verdict: str
) -> None:
    event = captured("wrong", "c", 700)
    yen = authorized("yen") | {"amount": {"value": 1_000, "currency": "JPY", "exponent": 0}}
    await yard.book(event, authorized("small", 10), yen)
    before = await yard.rows("SELECT count(*) FROM audit_logs")
    linked = await link(yard, event, to)
    assert (linked.done, linked.verdict) == (False, verdict)
    assert await yard.rows("SELECT payment_id FROM parked_events") == [("wrong",)]
    assert await yard.rows("SELECT count(*) FROM audit_logs") == before
    assert await yard.differences() == []


async def test_a_fact_that_was_linked_already_is_not_linked_twice(yard: Yard) -> None:
    event = captured("wrong", "c", 300)
    await yard.book(event, authorized("right"), authorized("other"))
    assert (await link(yard, event, "right")).done
    assert (await link(yard, event, "other")).verdict == "not_parked"
    assert await yard.rows("SELECT sum(captured_minor) FROM payment_transactions") == [(300,)]


async def test_the_list_pages_through_facts_that_were_parked_at_one_time(
    yard: Yard, command: Command
) -> None:
    await yard.book(*(captured(f"p{number}") for number in range(5)))
    yard.clock.move(hours=1)
    await yard.book(captured("late"))
    seen: list[str] = []
    options: tuple[str, ...] = ()
    while True:
        _, page = await asyncio.to_thread(command, "parked", "list", "--limit", "2", "--json", *options)
        seen += [entry["payment_id"] for entry in page["facts"]]
        if page["next_after"] is None:
            break
        options = ("--after", page["next_after"])
    assert seen == ["p0", "p1", "p2", "p3", "p4", "late"]


async def test_show_tells_what_a_fact_needs_and_what_the_payment_has(yard: Yard, command: Command) -> None:
    refund = fact("p", "refund.succeeded", "r", 300)
    await yard.book(authorized("p"), refund)
    code, told = await asyncio.to_thread(command, "parked", "show", "p", "--json")
    assert code == 0
    assert (told["facts"][0]["waits_for"], told["facts"][0]["needs"]) == ("capture_unknown", "a capture")
    assert told["payment"]["has"]["authorized_minor"] == 1_000
    code, text = await asyncio.to_thread(command, "parked", "show", "p")
    assert code == 0
    assert "needs   a capture: capture_unknown" in text
    code, text = await asyncio.to_thread(command, "parked", "show", "other")
    assert code == 1
    assert "nothing waits on payment other" in text


async def test_the_commands_discard_and_link_and_say_so(yard: Yard, command: Command) -> None:
    one, two = captured("wrong", "one", 100), captured("wrong", "two", 200)
    await yard.book(one, two, authorized("right"))
    code, said = await asyncio.to_thread(
        command, "parked", "discard", "wrong", one["event_id"], "--note", "theirs", "--actor", "ada"
    )
    assert (code, said) == (0, f"discarded event {one['event_id']} of payment wrong\n")
    code, said = await asyncio.to_thread(
        command,
        "parked",
        "link",
        "wrong",
        two["event_id"],
        "--to",
        "right",
        "--note",
        "moved",
        "--actor",
        "ada",
    )
    assert code == 0
    assert "was applied to payment right" in said
    code, said = await asyncio.to_thread(
        command, "parked", "discard", "wrong", one["event_id"], "--note", "again"
    )
    assert code == 1
    assert "does not wait on payment wrong" in said
    recorded = "SELECT DISTINCT actor FROM audit_logs WHERE subject_kind = 'parked_fact'"
    assert await yard.rows(recorded) == [("operator:ada",)]
    assert await yard.differences() == []


async def test_the_timeline_shows_an_exit_as_what_it_is_and_not_as_another_judgement(
    yard: Yard, command: Command
) -> None:
    event = captured("p")
    await yard.book(event)
    await asyncio.to_thread(command, "parked", "discard", "p", event["event_id"], "--note", "theirs")
    _, page = await asyncio.to_thread(command, "payment", "show", "p", "--json")
    first, last = page["timeline"]
    assert (last["verdict"], last["rejudged"], last["first_audit_id"]) == (
        "discarded",
        False,
        first["audit_id"],
    )


async def test_two_sources_with_one_event_id_have_to_be_told_apart(yard: Yard, command: Command) -> None:
    event = captured("p")
    await yard.book(event, event | {"source": "adyen", "operation_id": "other"})
    discard = ("parked", "discard", "p", event["event_id"], "--note", "n")
    code, said = await asyncio.to_thread(command, *discard)
    assert code == 1
    assert "add --source" in said
    code, _ = await asyncio.to_thread(command, *discard, "--source", "adyen")
    assert code == 0
    assert await yard.rows("SELECT source FROM parked_events") == [("stripe",)]
