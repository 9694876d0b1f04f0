"""The stream: repeatable, exactly as long as asked, interleaved, bounded, and with the shares of its mix."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import orjson
import pytest
from payflow.workload import BENCH_MIX, DEMO_MIX, Delivery, Mix, Workload, expected
from payflow.workload.stories import STORIES

if TYPE_CHECKING:
    from payflow.workload.draft import Fact

PLAIN = Mix(duplicates=0.0, late=0.0, faulty=0.0)


def facts_by_payment(deliveries: list[Delivery], kind: str = "fact") -> dict[str, list[Fact]]:
    """Group the facts of one kind of delivery by payment, in the order of delivery."""
    grouped: dict[str, list[Fact]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.kind == kind and delivery.fact is not None:
            grouped[delivery.payment_id].append(delivery.fact)
    return grouped


@pytest.mark.parametrize("mix", [BENCH_MIX, DEMO_MIX], ids=["bench", "demo"])
def test_the_same_seed_gives_the_same_bytes_at_every_call(mix: Mix) -> None:
    workload = Workload(42, mix)
    first = list(workload.deliveries(3_000))
    assert list(workload.deliveries(3_000)) == first
    assert list(Workload(42, mix).bodies(3_000)) == [delivery.body for delivery in first]


def test_another_seed_gives_another_stream() -> None:
    assert set(Workload(1).bodies(500)).isdisjoint(Workload(2).bodies(500))


@pytest.mark.parametrize("events", [0, 1, 2, 3, 7, 50, 1_000])
@pytest.mark.parametrize(
    "mix", [BENCH_MIX, Mix(duplicates=0.5, late=0.5, bad=0.2, faulty=0.5)], ids=["bench", "wild"]
)
def test_a_counted_stream_has_exactly_that_many_deliveries(events: int, mix: Mix) -> None:
    assert len(list(Workload(events, mix).deliveries(events))) == events


def test_a_counted_stream_ends_with_every_history_whole() -> None:
    mix = Mix(stories={"incremental_authorization": 1.0, "dispute_arbitration": 1.0, "sale": 1.0})
    for payment in facts_by_payment(list(Workload(3, mix).deliveries(2_000))).values():
        books = expected(payment)
        assert books.captured > 0 or books.status == "voided"


def test_an_endless_stream_goes_on() -> None:
    assert len(list(islice(Workload(4).deliveries(None), 2_000))) == 2_000


def test_histories_of_many_payments_overlap() -> None:
    deliveries = list(Workload(5, PLAIN).deliveries(5_000))
    neighbours = sum(one.payment_id == next_.payment_id for one, next_ in pairwise(deliveries))
    assert neighbours < len(deliveries) * 0.1


def test_no_more_payments_are_open_than_allowed() -> None:
    deliveries = list(Workload(6, PLAIN, payments_open_max=8).deliveries(3_000))
    left = Counter(delivery.payment_id for delivery in deliveries)
    open_now: set[str] = set()
    for delivery in deliveries:
        left[delivery.payment_id] -= 1
        open_now.add(delivery.payment_id)
        if not left[delivery.payment_id]:
            open_now.discard(delivery.payment_id)
        assert len(open_now) <= 8 + 1  # one more than wait: the payment whose turn it is


def test_a_bound_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="payments_open_max"):
        Workload(1, payments_open_max=0)


def test_without_late_deliveries_facts_come_in_the_order_in_which_they_happened() -> None:
    for payment in facts_by_payment(list(Workload(7, PLAIN).deliveries(5_000))).values():
        moments = [fact["occurred_at"] for fact in payment]
        assert moments == sorted(set(moments))


def test_late_deliveries_have_their_share() -> None:
    # Without one-fact histories, which can't be late, so that the share is met in full.
    stories = dict.fromkeys(("several_attempts", "multi_capture", "refunded", "dispute_won"), 1.0)
    deliveries = list(Workload(8, Mix(stories=stories, duplicates=0.0, faulty=0.0)).deliveries(20_000))
    late = 0
    for payment in facts_by_payment(deliveries).values():
        newest = ""
        for fact in payment:
            late += fact["occurred_at"] < newest
            newest = max(newest, fact["occurred_at"])
    assert late / len(deliveries) == pytest.approx(0.05, abs=0.01)


def test_kinds_of_deliveries_have_their_shares() -> None:
    mix = Mix(duplicates=0.03, bad=0.01, faulty=0.01)
    kinds = Counter(delivery.kind for delivery in Workload(9, mix).deliveries(40_000))
    assert kinds["duplicate"] / kinds["fact"] == pytest.approx(0.03, abs=0.005)
    assert kinds["bad"] / kinds.total() == pytest.approx(0.01, abs=0.003)
    assert kinds["faulty"] / kinds["fact"] == pytest.approx(0.01, abs=0.003)


def test_the_bench_mix_has_nothing_malformed_and_no_envelopes() -> None:
    for delivery in Workload(10, BENCH_MIX).deliveries(5_000):
        assert delivery.kind != "bad"
        assert orjson.loads(delivery.body)["event_id"] == delivery.event_id


def test_a_duplicate_repeats_its_fact_but_for_the_correlation_id() -> None:
    deliveries = list(Workload(11, Mix(duplicates=0.3)).deliveries(5_000))
    originals = {delivery.event_id: delivery for delivery in deliveries if delivery.kind == "fact"}
    bodies_changed = 0
    for delivery in deliveries:
        if delivery.kind == "duplicate":
            original = originals[delivery.event_id]
            bodies_changed += delivery.body != original.body
            again, first = orjson.loads(delivery.body), orjson.loads(original.body)
            again.pop("correlation_id", None)
            first.pop("correlation_id", None)
            assert again == first
    assert bodies_changed > 0


def test_bad_messages_are_about_payments_of_their_own() -> None:
    deliveries = list(Workload(12, Mix(bad=0.05)).deliveries(5_000))
    bad = {delivery.payment_id for delivery in deliveries if delivery.kind == "bad"}
    assert bad
    assert bad.isdisjoint(facts_by_payment(deliveries))


def test_a_faulty_fact_comes_after_the_whole_history_that_it_contradicts() -> None:
    done: set[str] = set()
    deliveries = list(Workload(13, Mix(faulty=0.05)).deliveries(5_000))
    left = Counter(delivery.payment_id for delivery in deliveries if delivery.kind == "fact")
    for delivery in deliveries:
        if delivery.kind == "fact":
            left[delivery.payment_id] -= 1
            if not left[delivery.payment_id]:
                done.add(delivery.payment_id)
        elif delivery.kind == "faulty" and delivery.payment_id in left:
            assert delivery.payment_id in done


def test_envelopes_have_their_share_and_hold_the_fact() -> None:
    deliveries = list(Workload(14, Mix(envelopes=0.3)).deliveries(4_000))
    seen: Counter[str] = Counter()
    for delivery in deliveries:
        body = orjson.loads(delivery.body)
        if "specversion" in body:
            seen["cloud_events"] += 1
            assert (body["id"], body["subject"]) == (delivery.event_id, delivery.payment_id)
            assert delivery.fact is not None
            assert body["data"].get("amount") == delivery.fact.get("amount")
        elif body.get("Type") == "Notification":
            seen["sns"] += 1
            assert orjson.loads(body["Message"])["event_id"] == delivery.event_id
        elif "detail-type" in body:
            seen["event_bridge"] += 1
            assert body["detail"]["event_id"] == delivery.event_id
    assert seen.total() / len(deliveries) == pytest.approx(0.3, abs=0.03)
    assert set(seen) == {"cloud_events", "sns", "event_bridge"}


def test_a_wall_clock_dates_the_facts_of_a_live_stream() -> None:
    now = datetime(2028, 2, 29, 12, tzinfo=UTC)
    workload = Workload(15, clock_ms=lambda: int(now.timestamp() * 1000))
    for payment in facts_by_payment(list(workload.deliveries(2_000))).values():
        for fact in payment:
            assert timedelta() <= datetime.fromisoformat(fact["occurred_at"]) - now < timedelta(seconds=1)


def test_stories_and_sources_have_the_weights_of_the_mix() -> None:
    histories = list(Workload(16).histories(20_000))
    stories = Counter(history.story for history in histories)
    assert set(stories) == set(STORIES)
    total = sum(BENCH_MIX.stories.values())
    for story, weight in BENCH_MIX.stories.items():
        assert stories[story] / len(histories) == pytest.approx(weight / total, rel=0.25, abs=0.002)
    sources = Counter(history.source.name for history in histories)
    for source, weight in BENCH_MIX.sources.items():
        assert sources[source] / len(histories) == pytest.approx(weight / 100, abs=0.03)


def test_a_payment_has_three_to_five_facts_on_average() -> None:
    histories = list(Workload(17).histories(5_000))
    assert 3.0 <= sum(len(history.facts) for history in histories) / len(histories) <= 5.0


def test_merchants_have_zipf_sizes() -> None:
    sizes = Counter(history.merchant_id for history in Workload(18).histories(30_000))
    assert 450 <= len(sizes) <= 500
    total = sum(rank**-1.07 for rank in range(1, 501))
    for rank in (1, 2, 5, 10, 50):
        share = rank**-1.07 / total
        assert sizes[f"m_{rank:05d}"] / sizes.total() == pytest.approx(share, rel=0.2)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"duplicates": -0.1}, id="negative"),
        pytest.param({"late": 1.0}, id="everything"),
        pytest.param({"merchants": 0}, id="no_merchants"),
        pytest.param({"stories": {"heist": 1.0}}, id="unknown_story"),
        pytest.param({"sources": {"nowhere": 1.0}}, id="unknown_source"),
    ],
)
def test_a_mix_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Mix(**wrong)  # type: ignore[arg-type]
