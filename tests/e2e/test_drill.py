"""`payflow drill` as a person runs it: one that passes, and one that has something to find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

TIMEOUT_S = 240
SHORT = ("--minutes", "0.15", "--rate", "300", "--json")


def drill(*arguments: str, **settings: str) -> tuple[int, list[dict[str, Any]], str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAYFLOW_")}
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "payflow", "drill", *arguments],
        env=environment | settings,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    said = done.stderr.decode()
    assert done.stdout, said
    return done.returncode, orjson.loads(done.stdout), said


def test_a_short_drill_strikes_everywhere_finds_nothing_and_leaves_nothing() -> None:
    code, (report,), said = drill("--seed", "5", *SHORT)
    assert (code, report["findings"]) == (0, []), said
    assert report["passed"]
    parts = {fault["fault"].partition(".")[0] for fault in report["faults"]}
    assert parts == {"sqs", "postgres", "valkey", "worker"}
    assert all(fault["fault"] in said or fault["worker"] for fault in report["faults"]), "it tells as it goes"
    assert report["figures"]["payments"] > 100
    assert all(claim["violations"] == 0 for claim in report["claims"].values())
    assert report["kept_in"] is None


def test_a_drill_that_finds_something_says_so_and_keeps_data_and_logs() -> None:
    # With a single receive for each message, every fault sends valid ones to the dead-letter queue.
    code, (report,), said = drill("--seed", "5", *SHORT, PAYFLOW_QUEUE_RECEIVES_MAX="1")
    try:
        assert code == 1, said
        assert not report["passed"]
        broken = {claim for claim, outcome in report["claims"].items() if outcome["violations"]}
        assert broken & {"lost", "wrongly_dead_lettered", "dead_letter_unlisted"}, report["findings"]
        assert report["command"] == "payflow drill --seeds 5 --minutes 0.15 --rate 300 --workers 2"
        kept = Path(report["kept_in"])
        assert (kept / "logs" / "worker-1.log").read_bytes().count(b"worker_started") > 0
    finally:
        shutil.rmtree(Path(report["kept_in"]).parent)
