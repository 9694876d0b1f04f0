"""The metrics say what was counted, under the names that their page explains."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.fleet import Duty, Limits
from payflow.ledger.quarantine import Overdue
from payflow.worker.metrics import registry_of
from payflow.worker.sweeper import Swept
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.worker.seen_worker import FLEET, STARTED, SeenWorker, intake_stats

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

PAGE = Path(__file__).parents[3] / "docs/metrics.md"


@pytest.fixture
def worker() -> SeenWorker:
    return SeenWorker()


def exposed(registry: CollectorRegistry) -> dict[str, str]:
    """Give the kind of every metric by its full name; counters end on `_total`."""
    found = {}
    for family in registry.collect():
        suffix = "_total" if family.type == "counter" else ""
        found[family.name + suffix] = family.type
    return found


def documented() -> dict[str, str]:
    """Give the kind of every metric that a row of the page's tables begins with."""
    rows = re.findall(r"^\| `(\w+)(?:\{[^}]*\})?` \| (\w+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return dict(rows)


def value(worker: SeenWorker, name: str, **labels: str) -> float | None:
    return registry_of(worker.observed).get_sample_value(name, labels)


def test_every_metric_is_documented_and_nothing_else_is(worker: SeenWorker) -> None:
    assert documented() == exposed(registry_of(worker.observed))


def test_every_label_is_documented_with_its_metric(worker: SeenWorker) -> None:
    page = PAGE.read_text("utf-8")
    worker.stats = intake_stats(errors={"deadline": 1})
    for family in registry_of(worker.observed).collect():
        suffix = "_total" if family.type == "counter" else ""
        labels = sorted({name for sample in family.samples for name in sample.labels} - {"le"})
        row = re.search(rf"^\| `{family.name}{suffix}(?:\{{([^}}]*)\}})?`", page, re.MULTILINE)
        assert row is not None
        if family.samples:
            assert sorted((row[1] or "").replace(" ", "").split(",")) == (labels or [""]), family.name


def test_names_follow_the_conventions(worker: SeenWorker) -> None:
    for name, kind in exposed(registry_of(worker.observed)).items():
        assert name.startswith(("payflow_", "process_"))
        assert name.endswith("_total") == (kind == "counter")
        assert not name.endswith(("_ms", "_us", "_milliseconds")), "base units only"


def test_verdicts_alerts_and_failures_are_there_before_their_first(worker: SeenWorker) -> None:
    assert value(worker, "payflow_decided_total", verdict="conflict") == 0
    assert value(worker, "payflow_alerts_total", severity="critical") == 0
    assert value(worker, "payflow_failed_total", kind="store_unavailable") == 0


def test_a_committed_batch_is_counted_by_verdict_and_lag(worker: SeenWorker) -> None:
    figures = worker.figures
    figures.taken([1_000, 1_000, 1_000], [1_004, 1_004, 9_000], [1, 1, 2], 1_006.0)
    figures.batch_decided({"apply": 2, "stale": 1}, {"apply": 1}, {"critical": 1}, 4)
    figures.committed([1_000, 1_000, 1_000], [1, 1, 2], 1_020.0)
    figures.failed("store_refused", 2)
    assert value(worker, "payflow_decided_total", verdict="apply") == 2
    assert value(worker, "payflow_decided_total", verdict="malformed") == 4
    assert value(worker, "payflow_rejudged_total", verdict="apply") == 1
    assert value(worker, "payflow_alerts_total", severity="critical") == 1
    assert value(worker, "payflow_failed_total", kind="store_refused") == 2
    assert value(worker, "payflow_queue_lag_seconds_bucket", delivery="first", le="0.0025") == 0
    assert value(worker, "payflow_queue_lag_seconds_bucket", delivery="first", le="0.005") == 2
    assert value(worker, "payflow_queue_lag_seconds_count", delivery="again") == 1
    assert value(worker, "payflow_buffer_lag_seconds_count") == 3
    assert value(worker, "payflow_commit_lag_seconds_sum", delivery="first") == pytest.approx(0.04, rel=0.01)
    assert value(worker, "payflow_batch_deliveries_sum") == 3
    assert value(worker, "payflow_last_commit_timestamp_seconds") == pytest.approx(1.02)


def test_a_stage_below_a_millisecond_is_told_from_one_of_nothing(worker: SeenWorker) -> None:
    worker.figures.stage_times.by_stage["decode"].observe(0.0002)
    assert value(worker, "payflow_stage_duration_seconds_bucket", stage="decode", le="0.0001") == 0
    assert value(worker, "payflow_stage_duration_seconds_bucket", stage="decode", le="0.00025") == 1


def test_the_intake_is_counted_by_action_and_kind(worker: SeenWorker) -> None:
    assert value(worker, "payflow_extension_margin_min_seconds") is None
    worker.stats = intake_stats(
        received=9, delete_calls=3, errors={"OverLimit": 2}, extension_margin_min_ms=14_500, in_flight=4
    )
    assert value(worker, "payflow_received_total") == 9
    assert value(worker, "payflow_sqs_calls_total", action="delete") == 3
    assert value(worker, "payflow_sqs_errors_total", kind="OverLimit") == 2
    assert value(worker, "payflow_extension_margin_min_seconds") == 14.5
    assert value(worker, "payflow_in_hand") == 4


def test_acknowledging_is_timed_with_first_deliveries_apart_and_margins_are_counted(
    worker: SeenWorker,
) -> None:
    worker.tally.acknowledged(0.004, first=True)
    worker.tally.acknowledged(7.0, first=False)
    worker.tally.margin(14.2)
    assert value(worker, "payflow_acknowledge_lag_seconds_bucket", delivery="first", le="0.0025") == 0
    assert value(worker, "payflow_acknowledge_lag_seconds_bucket", delivery="first", le="0.005") == 1
    assert value(worker, "payflow_acknowledge_lag_seconds_sum", delivery="again") == 7.0
    assert value(worker, "payflow_extension_margin_seconds_bucket", le="14.0") == 0
    assert value(worker, "payflow_extension_margin_seconds_bucket", le="15.0") == 1


def test_failed_attempts_are_counted_by_their_number(worker: SeenWorker) -> None:
    worker.figures.failed_attempts.observe(3)
    assert value(worker, "payflow_failed_attempts_bucket", le="2.0") == 0
    assert value(worker, "payflow_failed_attempts_bucket", le="3.0") == 1


def test_the_budget_in_flight_is_told_with_its_forecast(worker: SeenWorker) -> None:
    assert value(worker, "payflow_in_flight_budget_limit") == 1_000
    assert value(worker, "payflow_in_flight_budget_share") == 0.5
    assert value(worker, "payflow_in_flight_budget_exhausted_in_seconds") is None
    for used in (100, 200, 300, 400):
        worker.now_s += 10
        worker.budget.read(used, 15)
    worker.budget.not_read()
    worker.figures.waits.add([60])
    assert value(worker, "payflow_in_flight_budget_used") == 401
    assert value(worker, "payflow_waiting") == 1
    assert value(worker, "payflow_in_flight_budget_exhausted_in_seconds") == pytest.approx(59.9)
    assert value(worker, "payflow_in_flight_budget_reading_failures_total") == 1


def test_waiting_messages_are_counted_by_cause_and_only_their_sender_knows_how_many(
    worker: SeenWorker,
) -> None:
    assert value(worker, "payflow_deferred_total", cause="receives_spent") == 0
    worker.figures.deferred["long_wait"] += 2
    assert value(worker, "payflow_deferred_total", cause="long_wait") == 2
    assert value(worker, "payflow_deferred_waiting") is None
    worker.returns.waiting, worker.returns.overdue = 5, 1
    assert value(worker, "payflow_deferred_waiting") == 5
    assert value(worker, "payflow_deferred_overdue") == 1
    worker.returns.not_elected()
    assert value(worker, "payflow_deferred_overdue") is None


def test_the_sweepers_passes_are_counted_and_another_workers_gauges_are_absent(worker: SeenWorker) -> None:
    assert value(worker, "payflow_sweeper_last_pass_timestamp_seconds") is None
    swept = Swept(overdue=Overdue(facts=3, payments=2, oldest_at=None, next_deadline_at=None), orphaned=1)
    swept.freed["apply"] += 1
    swept.taken_in.listed = 4
    worker.sweeps.swept(swept, STARTED)
    worker.sweeps.failed("away")
    assert value(worker, "payflow_sweeper_passes_total") == 1
    assert value(worker, "payflow_sweeper_failures_total", kind="away") == 1
    assert value(worker, "payflow_sweeper_failures_total", kind="fault") == 0
    assert value(worker, "payflow_sweeper_freed_total", verdict="apply") == 1
    assert value(worker, "payflow_sweeper_orphaned_total") == 1
    assert value(worker, "payflow_sweeper_taken_in_total") == 4
    assert value(worker, "payflow_sweeper_overdue_facts") == 3
    assert value(worker, "payflow_sweeper_last_pass_timestamp_seconds") == STARTED.timestamp()
    worker.sweeps.not_elected()
    assert value(worker, "payflow_sweeper_overdue_facts") is None


def test_a_breaker_is_in_one_state_and_counts_its_openings(worker: SeenWorker) -> None:
    worker.lose(worker.postgres, "connection refused")
    states = {
        state: value(worker, "payflow_breaker_state", dependency="postgres", state=state)
        for state in ("closed", "open", "half_open")
    }
    assert states == {"closed": 0, "open": 1, "half_open": 0}
    assert value(worker, "payflow_breaker_opened_total", dependency="postgres") == 1
    assert value(worker, "payflow_breaker_state", dependency="sqs", state="closed") == 1


def test_a_pause_shows_as_not_receiving(worker: SeenWorker) -> None:
    assert value(worker, "payflow_receiving") == 1
    worker.paused_for = ["operator"]
    assert value(worker, "payflow_receiving") == 0


def test_what_is_exposed_is_valid_prometheus_text(worker: SeenWorker) -> None:
    text = generate_latest(registry_of(worker.observed)).decode()
    families = list(text_string_to_metric_families(text))
    assert len(families) == len(exposed(registry_of(worker.observed)))


def test_what_the_worker_obeys_is_exposed_and_a_limit_that_is_not_there_is_not(worker: SeenWorker) -> None:
    assert value(worker, "payflow_fleet_state", state="running") == 1
    assert value(worker, "payflow_fleet_rate_limit") is None
    limits = Limits(rate_per_s=200, merchants={"m_1": 5})
    worker.fleet = replace(
        FLEET,
        state="paused",
        duty=Duty(revision=7, limits=limits, workers_live=3),
        granted={"redis": 9, "equal_share": 4},
        throttled_s=1.5,
        held=12,
    )
    assert value(worker, "payflow_fleet_state", state="running") == 0
    assert value(worker, "payflow_fleet_state", state="paused") == 1
    assert value(worker, "payflow_fleet_revision") == 7
    assert value(worker, "payflow_fleet_workers_live") == 3
    assert value(worker, "payflow_fleet_rate_limit") == 200
    assert value(worker, "payflow_fleet_merchant_rate_limit", merchant_id="m_1") == 5
    assert value(worker, "payflow_fleet_granted_total", by="equal_share") == 4
    assert value(worker, "payflow_fleet_throttled_seconds_total") == 1.5
    assert value(worker, "payflow_fleet_merchant_held") == 12
