"""Two workers go by different versions of the rules, as they do for a moment after every change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

CHANGE = """
WITH old AS (
    UPDATE rules SET enabled = false WHERE name = 'high_value' RETURNING *
)
INSERT INTO rules (name, version, condition, severity, created_by)
SELECT name, 2, 'verdict == "apply"', 'critical', 'test' FROM old
"""
HIGH_VALUE = """
SELECT
    rules.version, alerts.severity, count(*) AS alerts,
    count(DISTINCT (payment_id, source, event_id)) AS events
FROM alerts JOIN rules USING (rule_id) WHERE rules.name = 'high_value' GROUP BY 1, 2
"""
BY_WORKER = "SELECT actor, count(*) FROM audit_logs WHERE verdict = 'apply' GROUP BY 1"


def test_each_alert_names_the_version_that_raised_it_and_the_books_do_not_care(rig: Rig) -> None:
    deliveries = list(Workload(121, Mix(duplicates=0.1, late=0.2, faulty=0.0)).deliveries(3_000))
    # Never refreshed: it goes by what it read at its start, for as long as it lives.
    old = rig.worker(queue_batch_size_max=20, rules_refresh_interval_s=3_600)
    rig.until_working(old)
    rig.rows(CHANGE)
    new = rig.worker(queue_batch_size_max=20, rules_refresh_interval_s=3_600)
    rig.until_working(new)
    assert ("high_value@1" in old.log(), "high_value@2" in new.log()) == (True, True)
    rig.send(delivery.body for delivery in deliveries)
    eventually(lambda: len(rig.rows(BY_WORKER)) == 2, "both apply events", old, new)
    rig.drain(old, new)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    raised = {row["version"]: row for row in rig.rows(HIGH_VALUE)}
    assert raised[2]["severity"] == "critical"
    assert raised[2]["alerts"] == raised[2]["events"], "an event raises each version's alert once at most"
    applied_by_new = dict(rig.rows(BY_WORKER))[name_of(new)]
    assert raised[2]["alerts"] == applied_by_new, (
        "version 2 matches every event, and only the new worker has it"
    )


def name_of(worker: WorkerProcess) -> str:
    """Give the name that the worker goes by in the trail, as its log has it."""
    lines = [orjson.loads(line) for line in worker.log().splitlines() if '"worker_started"' in line]
    return str(lines[0]["worker"])
