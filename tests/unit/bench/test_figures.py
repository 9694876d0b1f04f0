"""What becomes of measurements: quantiles, the proof of a run, the names of results."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import payflow
import pytest
from payflow.bench import AddedLatency, LatencyOptions, PipelineOptions, Setup
from payflow.bench.latency import quantile
from payflow.bench.observed_worker import Lags, correlation_id
from payflow.bench.open_loop import schedule
from payflow.bench.proof import Proof
from payflow.bench.results import results_path
from payflow.decoding import Decoder
from payflow.events import Sources

if TYPE_CHECKING:
    from payflow.events import PaymentEvent

ONE_TO_HUNDRED = [float(value) for value in range(1, 101)]
GOOD = Proof(queue_left=0, sent=100, sent_events=97, trail_deliveries=100, trail_events=97)


@pytest.mark.parametrize(
    ("at", "expected"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (0.999, 100.0), (1.0, 100.0), (0.0, 1.0)]
)
def test_a_quantile_is_the_least_value_that_its_share_does_not_exceed(at: float, expected: float) -> None:
    assert quantile(ONE_TO_HUNDRED, at) == expected


def test_every_quantile_of_one_value_is_that_value() -> None:
    assert {quantile([7.0], at) for at in (0.0, 0.5, 0.99, 1.0)} == {7.0}


def test_a_run_in_which_nothing_was_lost_has_no_problems() -> None:
    assert GOOD.problems == []


def test_a_delivery_that_came_twice_is_no_problem() -> None:
    assert Proof(0, 100, 97, trail_deliveries=103, trail_events=97).problems == []


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (Proof(1, 100, 97, 100, 97), "1 messages are still in the queue"),
        (Proof(0, 100, 97, 99, 97), "the trail has 99 deliveries, 100 were sent"),
        (Proof(0, 100, 97, 100, 96), "the trail has 96 events, 97 were sent"),
        (Proof(0, 100, 97, 100, 98), "the trail has 98 events, 97 were sent"),
    ],
)
def test_a_run_that_lost_something_says_what(proof: Proof, said: str) -> None:
    assert proof.problems == [said]
    assert not proof.as_json()["every_event_decided"]


def test_a_run_is_named_by_what_it_was_asked() -> None:
    far = AddedLatency(sqs_ms=20, redis_ms=1.0, postgres_ms=2.5)
    assert PipelineOptions(events=1_000).name == "pipeline-native-1000"
    assert (
        PipelineOptions(events=5, setup=Setup(added=far)).name
        == "pipeline-native-5-sqs20ms-redis1ms-postgres2.5ms"
    )
    assert LatencyOptions(rate=50, setup=Setup(transport="aioboto3")).name == "latency-aioboto3-50"


def test_results_go_where_they_are_told_to() -> None:
    assert results_path("name", Path("/elsewhere/file.json")) == Path("/elsewhere/file.json")


def test_results_of_a_checkout_go_to_its_benchmarks() -> None:
    checkout = Path(payflow.__file__).parents[2]
    assert results_path("name", None) == checkout / "benchmarks" / "results" / "name.json"


def test_results_without_a_checkout_go_to_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(payflow, "__file__", str(tmp_path / "site-packages" / "payflow" / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    assert results_path("name", None) == tmp_path / "name.json"


def test_each_measured_event_of_a_schedule_carries_its_own_due_time() -> None:
    plan = schedule(rate=100, seconds=3, warm_up_s=1, seed=5, lead_s=0.0)
    assert len(plan.bodies) == len(plan.due_s) == 400
    assert plan.warm_up == 100
    events = decoded(plan.bodies)
    lags = Lags()
    lags.committed(events, plan.due_s[-1] * 1_000)
    # At the moment the last one is due, the one before it is 10 ms old, and so on; warm-up is not measured.
    assert [round(lag_ms) for lag_ms in lags.lags_ms] == [10 * age for age in reversed(range(300))]


def test_events_that_name_no_time_are_not_measured() -> None:
    lags = Lags()
    plan = schedule(rate=50, seconds=1, warm_up_s=1, seed=5, lead_s=0.0)
    lags.committed(decoded(plan.bodies[: plan.warm_up]), 0.0)
    assert len(lags.lags_ms) == 0


def test_an_intended_time_survives_to_the_microsecond() -> None:
    assert correlation_id(1_700_000_000_123_456) == "intended-1700000000123456"


def decoded(bodies: list[bytes]) -> list[PaymentEvent]:
    """Decode bodies that are all well-formed."""
    found = Decoder(Sources.load(None), lambda: datetime.now(UTC)).decode(bodies)
    assert not found.malformed
    return found.events
