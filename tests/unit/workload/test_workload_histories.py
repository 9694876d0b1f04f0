"""Every history that the workload tells is one that the payment machine must accept, in any order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import pytest
from payflow.events import Sources
from payflow.workload import Mix, Workload, expected
from payflow.workload.model import AUTHORIZATION_ORDER, MOVEMENT_ORDER
from payflow.workload.stories import ADJUSTING_STORIES, STORIES

if TYPE_CHECKING:
    from payflow.workload.draft import Fact

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[\x20-\x7e]+$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Amount(msgspec.Struct, forbid_unknown_fields=True):
    value: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    exponent: Annotated[int, msgspec.Meta(ge=0, le=4)]


class Dispute(msgspec.Struct, forbid_unknown_fields=True):
    stage: Literal["inquiry", "chargeback", "pre_arbitration", "arbitration"]
    status: Literal["opened", "under_review", "won", "lost", "accepted", "expired", "withdrawn"]
    due_at: Moment | None = None


class Event(msgspec.Struct):
    """The rules of EVENTS.md, restated here so that the workload is not judged by the decoder under test."""

    event_id: Identifier
    source: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]{1,64}$")]
    type: Literal[
        "authorization.requested",
        "authorization.pending",
        "authorization.unknown",
        "authorization.succeeded",
        "authorization.failed",
        "authorization.adjusted",
        "authorization.released",
        "sale.succeeded",
        "capture.pending",
        "capture.succeeded",
        "capture.failed",
        "refund.pending",
        "refund.succeeded",
        "refund.failed",
        "dispute.inquiry",
        "dispute.opened",
        "dispute.updated",
        "dispute.closed",
        "dispute.funds_withdrawn",
        "dispute.funds_reinstated",
    ]
    payment_id: Identifier
    operation_id: Identifier
    merchant_id: Identifier
    occurred_at: Moment
    parent_id: Identifier | None = None
    amount: Amount | None = None
    correlation_id: Identifier | None = None
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    dispute: Dispute | None = None
    metadata: dict[str, str | int | float | bool] | None = None


MONEYLESS = {"dispute.inquiry", "dispute.opened", "dispute.updated", "dispute.closed"}


def accept(fact: Fact) -> None:
    """Hold one fact to the rules of the wire, those between fields included."""
    event = msgspec.convert(fact, Event)
    assert event.amount is not None or event.type in MONEYLESS
    assert (event.dispute is not None) == event.type.startswith("dispute.")
    assert len(msgspec.json.encode(event.metadata)) <= 4096


def is_stale(fact: Fact, applied: list[Fact]) -> bool:
    """Tell whether the fact's operation has come at least as far already."""
    family, _, state = fact["type"].partition(".")
    orders = {"authorization": AUTHORIZATION_ORDER, "capture": MOVEMENT_ORDER, "refund": MOVEMENT_ORDER}
    order = orders.get(family, ())
    return state in order and any(
        other["type"] in {f"{family}.{later}" for later in order[order.index(state) :]}
        for other in applied
        if other["operation_id"] == fact["operation_id"]
    )


def applies(fact: Fact, applied: list[Fact]) -> bool:
    """Tell whether the fact may take effect after those applied: PAYMENTS 1.4, and the bounds of 1.2."""
    if is_stale(fact, applied):
        return True
    before, after = expected(applied), expected([*applied, fact])
    family, _, state = fact["type"].partition(".")
    known = any(other["type"].startswith(("authorization.", "sale.")) for other in applied)
    needs = {
        "authorization": state in AUTHORIZATION_ORDER or before.authorized > 0,
        "sale": True,
        "capture": known and (state != "succeeded" or before.authorized > 0),
        "refund": before.captured + before.capture_failed > 0,
        "dispute": before.captured + before.capture_failed > 0,
    }
    # A pending refund holds money that must be there, though no bound counts it before it succeeds.
    held = after.refund_pending if fact["type"] == "refund.pending" else 0
    fits = before.refunded + held <= after.captured + after.capture_failed
    return needs[family] and fits and not after.broken_bounds() and after.disputed >= 0


@pytest.mark.parametrize("story", STORIES)
def test_every_fact_of_a_story_obeys_the_rules_of_the_wire(story: str) -> None:
    for history in Workload(1).histories(60, story):
        for fact in history.facts:
            accept(fact)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_told_in_order_never_needs_what_has_not_happened(story: str) -> None:
    for history in Workload(2).histories(60, story):
        for index, fact in enumerate(history.facts):
            assert applies(fact, history.facts[:index]), (index, history.facts)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_in_any_order_leaves_nothing_parked(story: str) -> None:
    shuffler = random.Random(3)  # noqa: S311 - test data, not secrets
    for history in Workload(3).histories(25, story):
        parked = list(history.facts)
        shuffler.shuffle(parked)
        applied: list[Fact] = []
        while (ready := next((fact for fact in parked if applies(fact, applied)), None)) is not None:
            parked.remove(ready)
            applied.append(ready)
        assert parked == []


@pytest.mark.parametrize("story", STORIES)
def test_time_only_grows_along_a_history(story: str) -> None:
    for history in Workload(4).histories(30, story):
        moments = [datetime.fromisoformat(fact["occurred_at"]) for fact in history.facts]
        assert all(earlier < later for earlier, later in pairwise(moments))


def test_all_facts_of_a_history_share_payment_merchant_source_and_currency() -> None:
    for history in Workload(5).histories(500):
        names = {(fact["payment_id"], fact["merchant_id"], fact["source"]) for fact in history.facts}
        assert names == {(history.payment_id, history.merchant_id, history.source.name)}
        money = [fact["amount"] for fact in history.facts if "amount" in fact]
        assert len({(amount["currency"], amount["exponent"]) for amount in money}) == 1


def test_no_event_id_and_no_payment_id_comes_twice_and_payments_sort_by_time() -> None:
    histories = list(Workload(6).histories(5_000))
    events = [fact["event_id"] for history in histories for fact in history.facts]
    assert len(set(events)) == len(events)
    payments = [history.payment_id for history in histories]
    assert payments == sorted(set(payments))


def test_every_exponent_is_the_one_that_its_source_is_configured_with() -> None:
    sources = Sources.load()
    for history in Workload(7).histories(5_000):
        amount = history.facts[0]["amount"]
        assert amount["exponent"] == sources.exponents(history.source.name)[amount["currency"]]


def test_currencies_without_and_with_three_decimals_occur() -> None:
    exponents = {history.facts[0]["amount"]["exponent"] for history in Workload(8).histories(5_000)}
    assert exponents == {0, 2, 3}


def test_only_sources_that_can_adjust_adjust() -> None:
    sources = Sources.load()
    for history in Workload(9).histories(10_000):
        if any(fact["type"] == "authorization.adjusted" for fact in history.facts):
            assert history.story in ADJUSTING_STORIES
        if history.story in ADJUSTING_STORIES:
            assert sources.profile(history.source.name).adjustable


def test_a_mix_without_adjustable_sources_tells_adjusting_stories_as_captures() -> None:
    mix = Mix(sources={"stripe": 1.0}, stories=dict.fromkeys(ADJUSTING_STORIES, 1.0))
    assert {history.story for history in Workload(10, mix).histories(20)} == {"captured"}


def test_a_source_that_cannot_adjust_has_one_authorization_that_all_captures_fit_in() -> None:
    for history in Workload(11).histories(5_000):
        if history.source.adjustable:
            continue
        succeeded = {
            fact["operation_id"]: fact["amount"]["value"]
            for fact in history.facts
            if fact["type"] in ("authorization.succeeded", "sale.succeeded")
        }
        books = expected(history.facts)
        assert len(succeeded) <= 1
        assert books.captured + books.released <= sum(succeeded.values())


def test_facts_of_one_operation_state_one_amount() -> None:
    for history in Workload(12).histories(5_000):
        stated: dict[tuple[str, str], set[Any]] = {}
        for fact in history.facts:
            if fact["type"] != "authorization.adjusted":
                key = fact["type"].partition(".")[0], fact["operation_id"]
                stated.setdefault(key, set()).add(fact.get("amount", {}).get("value"))
        assert all(len(amounts) == 1 for amounts in stated.values())


def test_histories_start_at_the_clock_that_was_given() -> None:
    start = datetime(2027, 1, 1, tzinfo=UTC)
    for history in Workload(13, clock_start=start).histories(20):
        moment = datetime.fromisoformat(history.facts[0]["occurred_at"])
        assert start <= moment < start + timedelta(seconds=1)


def test_a_clock_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="clock_start"):
        Workload(1, clock_start=datetime(2027, 1, 1))  # noqa: DTZ001 - the mistake under test
