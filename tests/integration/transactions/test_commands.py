"""Commands hold what they ask for, are refused with the reason, and leave books that can be proved."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from payflow import _native
from payflow.ledger.reading import Verification, open_snapshot

from tests.integration.ledger.transactions import DECODER, SOURCES

if TYPE_CHECKING:
    from payflow.settings import Settings

    from tests.integration.transactions.counter import Counter

from payflow.ledger import LedgerOptions
from payflow.lifecycle import policies_of


async def proved(settings: Settings) -> list[str]:
    """Prove the books; give what differs."""
    async with open_snapshot(LedgerOptions(dsn=settings.postgres.required_dsn)) as connection:
        verification = Verification(connection, _native.Replay(policies_of(SOURCES)), DECODER.decode)
        proof = await verification.prove()
    return [f"{found.check} {found.subject}: {found.expected} / {found.found}" for found in proof.differences]


@pytest.mark.parametrize(
    ("command", "held", "given", "succeeds", "fails"),
    [
        ("capture", "capture_pending_minor", "authorized", "capture.succeeded", "capture.failed"),
        ("void", "release_pending_minor", "authorized", "authorization.released", "release.failed"),
        ("refund", "refund_pending_minor", "captured", "refund.succeeded", "refund.failed"),
    ],
)
async def test_a_command_holds_its_amount_until_the_provider_answers(
    counter: Counter, settings: Settings, command: str, held: str, given: str, succeeds: str, fails: str
) -> None:
    left = "refundable_minor" if command == "refund" else "capturable_minor"
    await getattr(counter, given)("p1")

    first = (await counter.ask("p1", command, 600, reason="as agreed")).json()
    assert first["command"]["state"] == "requested"
    assert first["command"]["requested_by"] == "user:operator@example.test"
    assert first["transaction"]["sums"][held] == 600
    assert first["changes"][left] == {"from": 1_000, "to": 400}
    assert first["transaction"]["sums"][left] == 400

    second = (await counter.ask("p1", command)).json()  # all that is left
    assert second["command"]["amount_minor"] == 400
    assert second["transaction"]["sums"][left] == 0

    told = await counter.told(
        "p1",
        (succeeds, first["command"]["operation_id"], 600),
        (fails, second["command"]["operation_id"], 400),
    )
    assert [verdict for verdict, _ in told] == ["apply", "apply"]
    detail = await counter.detail("p1")
    assert detail["sums"][held] == 0
    assert detail["sums"][left] == 400, "what failed is let go of"
    assert [entry["state"] for entry in detail["commands"]] == ["failed", "succeeded"]
    assert await proved(settings) == []


async def test_a_command_is_told_in_the_timeline_with_who_asked_and_why(counter: Counter) -> None:
    await counter.captured("p1")
    answer = await counter.ask("p1", "refund", 10, reason="broken cup")
    entry = (await counter.detail("p1"))["timeline"][0]
    assert (entry["action"], entry["type"], entry["verdict"]) == ("command", "refund.requested", "apply")
    assert entry["actor"] == "user:operator@example.test"
    assert entry["note"] == "broken cup"
    assert entry["event_id"] == answer.json()["command"]["command_id"]
    assert entry["payload"]["amount"]["value"] == 10
    assert [row["action"] for row in (await counter.detail("p1"))["timeline"]] == [
        "command",
        "event",
        "event",
    ]


async def test_an_answer_with_another_amount_is_a_conflict_and_the_hold_stays(counter: Counter) -> None:
    await counter.captured("p1")
    asked = (await counter.ask("p1", "refund", 600)).json()["command"]
    told = await counter.told("p1", ("refund.succeeded", asked["operation_id"], 599))
    assert told == [("conflict", "operation_amount_differs")]
    assert (await counter.detail("p1"))["sums"]["refund_pending_minor"] == 600


async def test_a_refused_command_says_what_is_left_and_what_is_allowed(counter: Counter) -> None:
    await counter.captured("p1")
    answer = await counter.ask("p1", "refund", 1_001)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "amount_exceeds_refundable"
    assert problem["errors"] == [{"pointer": "/amount_minor", "detail": "at most 1000 can be refunded now"}]
    assert problem["allowed_commands"] == ["refund"]

    answer = await counter.ask("p1", "capture", 1)
    assert answer.status_code == 409
    assert answer.json()["code"] == "payment_state_conflict"
    assert answer.json()["allowed_commands"] == ["refund"]


async def test_money_that_a_dispute_holds_is_not_refunded_and_the_refusal_says_so(counter: Counter) -> None:
    await counter.captured("p1")
    await counter.told("p1", ("dispute.funds_withdrawn", "w1", 700))
    answer = await counter.ask("p1", "refund", 301)
    assert answer.json()["code"] == "amount_exceeds_refundable"
    assert "700 is withdrawn by disputes" in answer.json()["detail"]
    assert (await counter.ask("p1", "refund", 300)).status_code == 202


async def test_a_cancellation_blocks_further_commands_until_money_comes_after_all(counter: Counter) -> None:
    await counter.told("p1", ("authorization.pending", "a1", 500))
    assert (await counter.detail("p1"))["allowed_commands"] == ["cancel"]
    answer = await counter.ask("p1", "cancel")
    assert answer.status_code == 202
    assert answer.json()["command"]["amount_minor"] is None
    assert (await counter.detail("p1"))["allowed_commands"] == []

    await counter.told("p1", ("authorization.succeeded", "a1", 500))
    detail = await counter.detail("p1")
    assert detail["allowed_commands"] == ["void"], "money may only go back"
    assert "cancellation" in detail["refusals"]["capture"]


async def test_the_allowed_commands_of_a_detail_are_those_that_are_granted(counter: Counter) -> None:
    await counter.told("p1", ("authorization.pending", "a1", 500))
    await counter.authorized("p2")
    await counter.captured("p3")
    await counter.told("p4", ("authorization.failed", "a1", 500))
    for payment_id in ("p1", "p2", "p3", "p4"):
        detail = await counter.detail(payment_id)
        for command in ("capture", "void", "refund", "cancel"):
            answer = await counter.ask(payment_id, command, dry_run=True)
            assert (answer.status_code == 200) is (command in detail["allowed_commands"])
            assert (command in detail["refusals"]) is (command not in detail["allowed_commands"])


async def test_fifty_refunds_at_once_never_pass_what_is_refundable(
    counter: Counter, settings: Settings
) -> None:
    await counter.captured("p1", 1_000)

    async def insist(number: int) -> int:
        """Read, ask, and read again as long as somebody else was first."""
        while True:
            answer = await counter.ask("p1", "refund", 70 + number % 7, key=f"refund-{number}")
            if answer.status_code not in {409, 412, 503} or (
                answer.status_code == 409 and answer.json()["code"] == "payment_state_conflict"
            ):
                return answer.status_code

    outcomes = await asyncio.gather(*(insist(number) for number in range(50)))
    assert set(outcomes) <= {202, 409, 422}
    detail = await counter.detail("p1")
    held = detail["sums"]["refund_pending_minor"]
    assert held == sum(command["amount_minor"] for command in detail["commands"])
    assert len(detail["commands"]) == outcomes.count(202)
    assert 1_000 - held < 76, "what is left is less than any of them asked for"
    assert held <= 1_000
    assert await proved(settings) == []


async def test_the_same_key_and_body_get_the_stored_reply_and_take_no_second_hold(counter: Counter) -> None:
    await counter.captured("p1")
    version = (await counter.detail("p1"))["version"]
    first = await counter.ask("p1", "refund", 100, version=version, key="once")
    again = await counter.ask("p1", "refund", 100, version=version, key="once")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert (await counter.detail("p1"))["sums"]["refund_pending_minor"] == 100

    other = await counter.ask("p1", "refund", 101, version=version, key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_command_needs_the_version_that_is_now(counter: Counter) -> None:
    await counter.captured("p1")
    missing = await counter.operator.post(
        "/transactions/p1/refund", json={}, headers={"idempotency-key": uuid.uuid4().hex}
    )
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    stale = await counter.ask("p1", "refund", version=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert stale.headers["etag"] == '"2"'


async def test_a_dry_run_tells_what_would_happen_and_leaves_nothing(
    counter: Counter, settings: Settings
) -> None:
    await counter.captured("p1")
    before = await counter.detail("p1")
    dry = await counter.ask("p1", "refund", 250, dry_run=True)
    assert dry.status_code == 200
    assert dry.json()["command"] is None
    assert await counter.detail("p1") == before
    assert await counter.desk.look.fetchval("SELECT count(*) FROM commands") == 0

    real = (await counter.ask("p1", "refund", 250)).json()
    would = dry.json()
    for outcome in (real, would):
        del outcome["command"], outcome["dry_run"], outcome["transaction"]["updated_at"]
    assert real == would
    assert await proved(settings) == []


@pytest.mark.parametrize("amount_minor", [None, 1, 999, 1_000, 1_001, 5_000])
@pytest.mark.parametrize("command", ["capture", "void", "refund", "cancel"])
@pytest.mark.parametrize("given", ["pending", "authorized", "captured", "partly", "held", "disputed"])
async def test_a_dry_run_is_granted_and_refused_as_the_command_is(
    counter: Counter, given: str, command: str, amount_minor: int | None
) -> None:
    if command == "cancel":
        amount_minor = None
    await counter.told("p1", ("authorization.pending", "a1", 1_000))
    if given != "pending":
        await counter.authorized("p1")
    if given in {"captured", "disputed", "held"}:
        await counter.told("p1", ("capture.succeeded", "c1", 1_000))
    if given == "partly":
        await counter.told("p1", ("capture.succeeded", "c1", 400))
    if given == "disputed":
        await counter.told("p1", ("dispute.funds_withdrawn", "w1", 500))
    if given == "held":
        await counter.ask("p1", "refund", 600)
    dry = await counter.ask("p1", command, amount_minor, dry_run=True)
    real = await counter.ask("p1", command, amount_minor)
    assert (dry.status_code == 200) is (real.status_code == 202)
    if dry.status_code == 200:
        assert dry.json()["changes"] == real.json()["changes"]
        assert dry.json()["transaction"]["sums"] == real.json()["transaction"]["sums"]
        assert dry.json()["allowed_commands"] == real.json()["allowed_commands"]
    else:
        same = ("code", "detail", "allowed_commands")
        assert [dry.json().get(name) for name in same] == [real.json().get(name) for name in same]


async def test_a_reader_may_not_command(counter: Counter) -> None:
    await counter.captured("p1")
    reader = await counter.api.client("read_only")
    answer = await reader.post(
        "/transactions/p1/refund", json={}, headers={"idempotency-key": "k", "if-match": '"2"'}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"amount_minor": 0}, "/amount_minor"),
        ({"amount_minor": 2**53}, "/amount_minor"),
        ({"amount_minor": 1.5}, "/amount_minor"),
        ({"reason": "x" * 65}, "/reason"),
        ({"reason": "zero\u200bwidth"}, "/reason"),
        ({"amount": 1}, "/amount"),
    ],
)
async def test_a_body_that_breaks_a_rule_is_refused_and_pointed_to(
    counter: Counter, body: dict[str, Any], pointer: str
) -> None:
    await counter.captured("p1")
    answer = await counter.ask("p1", "refund", **body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_command_raises_the_alerts_that_its_fact_would(counter: Counter) -> None:
    await counter.captured("p1")
    await counter.ask("p1", "refund", 10)
    raised = await counter.desk.look.fetchval(
        "SELECT count(*) FROM alerts WHERE payment_id = 'p1' AND event_id LIKE 'cmd_%'"
    )
    assert raised == 1, "the desk's rule fires for every fact"
