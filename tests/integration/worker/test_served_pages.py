"""A real worker serves its pages from its start to its end, and says on each log line who it is."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from payflow.workload import Mix, Workload
from prometheus_client.parser import text_string_to_metric_families

from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig

VALID = Mix(duplicates=0.0, late=0.0, faulty=0.0)


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago; a worker can't be asked for any free one, since 0 means none."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found: int = taken.getsockname()[1]
    return found


def answer(port: int, path: str) -> tuple[int, bytes]:
    """Ask for a page; give status and body."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as page:
            return page.status, page.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def sample(port: int, name: str, **labels: str) -> float | None:
    """Give one sample of the metrics."""
    text = answer(port, "/metrics")[1].decode()
    return next(
        (
            found.value
            for family in text_string_to_metric_families(text)
            for found in family.samples
            if found.name == name and found.labels == labels
        ),
        None,
    )


def lines(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def test_a_worker_counts_what_it_applies_in_every_stage(rig: Rig, port: int) -> None:
    worker = rig.worker(worker_metrics_port=port)
    eventually(lambda: "health_served" in worker.log(), "the pages are served", worker)
    assert answer(port, "/livez")[0] == 200
    status, report = answer(port, "/readyz")
    assert (status, [part["name"] for part in json.loads(report)["dependencies"]]) == (
        200,
        ["postgres", "redis", "sqs"],
    )
    deliveries = list(Workload(71, VALID).deliveries(300))
    rig.send([*(delivery.body for delivery in deliveries), b"no event"])
    eventually(
        lambda: sample(port, "payflow_deleted_total") == len(deliveries) + 1, "all are deleted", worker
    )
    assert sample(port, "payflow_decided_total", verdict="apply") == len(deliveries)
    assert sample(port, "payflow_decided_total", verdict="malformed") == 1
    assert sample(port, "payflow_dead_lettered_total") == 1
    assert sample(port, "payflow_queue_lag_seconds_count", delivery="first") == len(deliveries) + 1
    assert sample(port, "payflow_commit_lag_seconds_count", delivery="first") == len(deliveries) + 1
    batches = sample(port, "payflow_batches_total")
    for stage in ("decode", "check", "apply", "commit", "mark", "ack"):
        counted = sample(port, "payflow_stage_duration_seconds_count", stage=stage)
        # The one batch that held nothing but the malformed message, if there was one, had nothing to mark.
        assert counted is not None
        assert batches is not None
        assert batches - 1 <= counted <= batches
    assert worker.stop() == 0
    with pytest.raises(urllib.error.URLError):
        answer(port, "/livez")


def test_each_line_names_the_worker_and_a_dead_letter_all_that_is_known(rig: Rig) -> None:
    [history] = Workload(72, VALID).histories(1, "sale")
    event = history.facts[0]
    rig.send([json.dumps(event | {"amount": {"value": 0, "currency": "EUR"}}).encode()])
    worker = rig.worker()
    eventually(lambda: "delivery_dead_lettered" in worker.log(), "the dead letter is logged", worker)
    assert worker.stop() == 0
    found = lines(worker.log())
    assert len({line["worker"] for line in found}) == 1
    (line,) = [line for line in found if line["event"] == "delivery_dead_lettered"]
    assert (line["klass"], line["stage"], line["path"]) == ("malformed", "intake", "$.amount.value")
    assert (line["payment_id"], line["event_id"]) == (event["payment_id"], event["event_id"])
    assert line["correlation_id"] == event["correlation_id"]


def test_two_workers_on_one_port_both_work(rig: Rig, port: int) -> None:
    first = rig.worker(worker_metrics_port=port)
    eventually(lambda: "health_served" in first.log(), "the first serves its pages", first)
    second = rig.worker(worker_metrics_port=port)
    rig.until_working(second)
    assert "health_not_served" in second.log()
    assert first.stop() == second.stop() == 0


def test_a_queue_that_differs_is_a_warning_with_the_difference(rig: Rig) -> None:
    worker = rig.worker()
    rig.until_working(worker)
    assert worker.stop() == 0
    warned = {
        line["attribute"]: line["found"] for line in lines(worker.log()) if line["event"] == "queue_differs"
    }
    assert warned["RedrivePolicy.maxReceiveCount"] == ""
    assert warned["VisibilityTimeout"] == "30"


def test_a_queue_that_is_missing_is_an_error_with_the_command_that_makes_it(rig: Rig) -> None:
    worker = rig.worker(queue_name="nowhere")
    assert worker.wait() != 0
    assert "`payflow queue create` makes it" in worker.log()
