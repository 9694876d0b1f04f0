"""`payflow dlq` on a real database and a real queue."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
import pytest
from payflow.ledger.dead_letters import insert_dead_letters

from tests.integration.quarantine.yard import authorized, captured, fact, letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.ledger import DeadLetterRow

    from tests.integration.quarantine.conftest import Queue
    from tests.integration.quarantine.yard import Yard

Command: TypeAlias = "Callable[..., tuple[int, Any]]"


async def put(yard: Yard, *rows: DeadLetterRow) -> None:
    """Insert one after the other, so that ids follow the order."""
    async with yard.pool.acquire() as connection:
        for row in rows:
            await insert_dead_letters(connection, [row], yard.clock())


async def said(command: Command, *tokens: str) -> tuple[int, Any]:
    """Run a command, which has an event loop of its own, beside this one."""
    return await asyncio.to_thread(command, *tokens)


def body(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event)


@pytest.fixture
async def mixed(yard: Yard) -> None:
    """A payment of 1000, and dead letters of which each would come to something else."""
    await yard.book(authorized("p"), captured("p", "a", 100))
    other = captured("p", "a", 100) | {"metadata": {"note": "same"}}
    await put(
        yard,
        letter("apply", body(captured("p", "b", 200)), payment_id="p"),
        letter("duplicate", body(other), payment_id="p"),
        letter("conflict", body(captured("p", "a", 100) | {"merchant_id": "m_2"}), reason="r"),
        letter("impossible", body(captured("p", "c", 5_000)), source="adyen"),
        letter("premature", body(fact("q", "refund.succeeded", "r", 10))),
        letter("malformed", b"{", klass="malformed", reason="not_json", rule="the body must be JSON"),
        letter("second", body(captured("p", "d", 300)), payment_id="p"),
    )


@pytest.mark.usefixtures("mixed")
async def test_a_dry_run_tells_each_outcome_and_the_money_and_writes_nothing(
    yard: Yard, command: Command
) -> None:
    before = await yard.rows(
        "SELECT (SELECT count(*) FROM audit_logs), (SELECT sum(captured_minor) FROM payment_transactions)"
    )
    code, told = await said(command, "dlq", "replay", "--all", "--dry-run", "--json")
    assert code == 0
    assert [(entry["verdict"], entry["reason"]) for entry in told["letters"]] == [
        ("apply", "applied"),
        ("duplicate", "event_seen"),
        ("conflict", "event_id_reused_with_other_payload"),
        ("impossible", "exceeds_gross_authorized"),
        ("premature", "payment_unknown"),
        ("malformed", "not_json"),
        ("apply", "applied"),
    ]
    assert told["moved"] == [{"currency": "EUR", "exponent": 2, "sum": "captured_minor", "change_minor": 500}]
    assert before == await yard.rows(
        "SELECT (SELECT count(*) FROM audit_logs), (SELECT sum(captured_minor) FROM payment_transactions)"
    )
    assert await yard.rows("SELECT DISTINCT status FROM dead_letters") == [("open",)]


async def test_a_dry_run_counts_what_a_new_payment_and_its_parked_facts_would_move(
    yard: Yard, command: Command
) -> None:
    await yard.book(captured("n", "a", 700))
    await put(yard, letter("m", body(authorized("n", 1_000))))
    _, told = await said(command, "dlq", "replay", "--class", "exhausted", "--dry-run", "--json")
    assert told["parked_freed"] == {"apply": 1}
    moved = {entry["sum"]: entry["change_minor"] for entry in told["moved"]}
    assert moved == {"authorized_minor": 1_000, "captured_minor": 700}


@pytest.mark.usefixtures("mixed")
async def test_a_replay_sends_the_bodies_as_they_came_marks_the_rows_and_says_who(
    yard: Yard, command: Command, queue: Queue
) -> None:
    code, told = await said(
        command,
        *("dlq", "replay", "--payment", "p", "--yes", "--rate", "5000/s", "--json"),
        *("--actor", "ada", "--note", "after the outage"),
    )
    assert (code, told) == (0, {"sent": 3, "failed": []})
    bodies = await asyncio.to_thread(queue.bodies)
    assert sorted(bodies) == sorted(
        row[0] for row in await yard.rows("SELECT body FROM dead_letters WHERE payment_id = 'p'")
    )
    marked = "SELECT status, status_by, status_note FROM dead_letters WHERE payment_id = 'p'"
    assert await yard.rows(marked) == [("replayed", "operator:ada", "after the outage")] * 3
    actions = "SELECT action, actor, note, payment_id FROM audit_logs WHERE subject_kind = 'dead_letter'"
    done = ("dead_letter.replayed", "operator:ada", "after the outage", "p")
    assert await yard.rows(actions) == [done] * 3
    assert await yard.differences() == []


@pytest.mark.usefixtures("mixed")
async def test_replaying_twice_sends_nothing_the_second_time_unless_the_letters_are_named(
    yard: Yard, command: Command, queue: Queue
) -> None:
    replay = ("dlq", "replay", "--payment", "p", "--yes", "--rate", "5000/s", "--json")
    await said(command, *replay)
    assert (await said(command, *replay))[1]["sent"] == 0
    code, told = await said(command, "dlq", "replay", "1", "--yes", "--json")
    assert (code, told["sent"]) == (0, 1)
    for sent in await asyncio.to_thread(queue.bodies):
        await yard.book(orjson.loads(sent))
    assert await yard.rows("SELECT captured_minor FROM payment_transactions WHERE payment_id = 'p'") == [
        (600,)
    ]
    assert await yard.differences() == []


async def test_a_body_that_the_queue_cannot_carry_is_told_and_stays_open(
    yard: Yard, command: Command
) -> None:
    await put(yard, letter("bytes", b"\xff\xfe"), letter("good", body(authorized("p"))))
    code, told = await said(command, "dlq", "replay", "--all", "--yes", "--json")
    assert code == 1
    assert told["sent"] == 1
    assert [entry["dead_letter_id"] for entry in told["failed"]] == [1]
    assert await yard.rows("SELECT status FROM dead_letters ORDER BY 1") == [("open",), ("replayed",)]


async def test_a_replay_without_a_filter_is_refused_and_so_is_one_that_nobody_confirms(
    yard: Yard, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    await put(yard, letter("m", body(authorized("p"))))
    code, text = await said(command, "dlq", "replay", "--yes")
    assert code == 2
    assert "--all" in text
    code, text = await said(command, "dlq", "replay", "--all")
    assert code == 2
    assert "--dry-run" in text
    assert await yard.rows("SELECT status FROM dead_letters") == [("open",)]


@pytest.mark.usefixtures("mixed")
async def test_discarding_needs_a_reason_and_is_recorded_once(yard: Yard, command: Command) -> None:
    code, _ = await said(command, "dlq", "discard", "--class", "malformed", "--note", " ", "--yes")
    assert code == 2
    discard = ("dlq", "discard", "6", "--note", "a test of theirs", "--actor", "ada", "--yes", "--json")
    assert await said(command, *discard) == (0, {"discarded": 1})
    assert await said(command, *discard) == (0, {"discarded": 0})
    recorded = "SELECT action, subject_id, actor, note FROM audit_logs WHERE subject_kind = 'dead_letter'"
    assert await yard.rows(recorded) == [("dead_letter.discarded", "6", "operator:ada", "a test of theirs")]
    assert await yard.differences() == []


@pytest.mark.usefixtures("mixed")
async def test_filters_narrow_together(command: Command) -> None:
    async def ids(*options: str) -> list[int]:
        _, told = await said(command, "dlq", "list", "--json", *options)
        return [entry["dead_letter_id"] for entry in told["letters"]]

    assert await ids() == [7, 6, 5, 4, 3, 2, 1]
    assert await ids("--class", "exhausted", "--payment", "p") == [7, 2, 1]
    assert await ids("--reason", "not_json") == [6]
    assert await ids("--source", "adyen") == [4]
    assert await ids("--text", "MUST be json") == [6]
    assert await ids("--text", "refund.succeeded") == [5]
    assert await ids("--since", "2026-11-22T12:00") == [7, 6, 5, 4, 3, 2, 1]
    assert await ids("--until", "2026-11-22T12:00") == []
    assert await ids("--status", "discarded") == []
    assert await ids("2", "5") == [5, 2]


@pytest.mark.usefixtures("mixed")
async def test_pages_follow_one_another_without_gap_or_repetition(command: Command) -> None:
    seen: list[int] = []
    options: tuple[str, ...] = ()
    while True:
        _, page = await said(command, "dlq", "list", "--limit", "3", "--json", *options)
        seen += [entry["dead_letter_id"] for entry in page["letters"]]
        if page["next_before"] is None:
            break
        options = ("--before", str(page["next_before"]))
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.usefixtures("mixed")
async def test_counts_are_by_class_reason_and_source(command: Command) -> None:
    _, told = await said(command, "dlq", "count", "--json")
    assert told["total"] == 7
    groups = [
        (entry["class"], entry["reason"], entry["source"], entry["letters"]) for entry in told["groups"]
    ]
    assert groups[0] == ("exhausted", "receives_exhausted", "stripe", 4)
    assert ("exhausted", "receives_exhausted", "adyen", 1) in groups


@pytest.mark.usefixtures("mixed")
async def test_a_letter_is_shown_with_its_body_and_what_was_done(command: Command) -> None:
    await said(command, "dlq", "discard", "6", "--note", "theirs", "--actor", "ada", "--yes")
    _, told = await said(command, "dlq", "show", "6", "--json")
    assert (told["class"], told["body"], told["status"]) == ("malformed", "{", "discarded")
    assert told["actions"][0]["note"] == "theirs"
    code, text = await said(command, "dlq", "show", "6")
    assert code == 0
    assert "discarded by operator:ada" in text
    code, text = await said(command, "dlq", "show", "99")
    assert code == 1
    assert "no dead letter 99" in text


async def test_the_record_of_actions_can_only_grow(yard: Yard) -> None:
    await put(yard, letter("m", b"{"))
    for statement in ("UPDATE audit_logs SET note = ''", "DELETE FROM audit_logs"):
        with pytest.raises(Exception, match="append-only"):
            await yard.look.execute(statement)
