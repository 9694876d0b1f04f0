"""`payflow fleet` as an operator at this rig types it, and the fleet as that shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from payflow.cli import run

from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    import pytest

    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

QUICK_FLEET: dict[str, Any] = {"fleet_heartbeat_interval_s": 0.2, "fleet_poll_interval_s": 0.2}
"""Settings of workers that are soon seen, and soon see."""


class FleetConsole:
    """Runs commands in this process, with the environment of the rig."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._rig = rig
        self._capsys = capsys
        for name, value in rig.environment({}).items():
            if name.startswith(("PAYFLOW_", "AWS_")):
                monkeypatch.setenv(name, value)

    def run(self, *tokens: str) -> tuple[int, str]:
        """Run one command; give its exit code and what it said, errors last."""
        self._capsys.readouterr()
        code = run(["fleet", *tokens])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    def json(self, *tokens: str) -> tuple[int, Any]:
        """Run one command that speaks JSON."""
        code, said = self.run(*tokens, "--json")
        return code, json.loads(said)

    def obeyed(self, *tokens: str) -> dict[str, Any]:
        """Give an order and wait until every live worker does it."""
        code, told = self.json(*tokens, "--wait", "--timeout", "30")
        assert code == 0, told
        assert told["late"] == []
        answer: dict[str, Any] = told
        return answer

    def workers(self) -> dict[str, dict[str, Any]]:
        """Give the workers by their ids."""
        _, fleet = self.json("status")
        return {worker["worker_id"]: worker for worker in fleet["workers"]}

    def worker(self, process: WorkerProcess) -> dict[str, Any]:
        """Give one worker as the fleet has it."""
        (found,) = [worker for worker in self.workers().values() if worker["pid"] == process.pid]
        return found

    def until_live(self, *processes: WorkerProcess) -> None:
        """Wait until these workers are there and receive, or would if they were let."""
        pids = {process.pid for process in processes}
        eventually(
            lambda: (
                all(process.has_spoken for process in processes)
                and {w["pid"] for w in self.workers().values() if w["alive"] and w["state"] != "starting"}
                == pids
            ),
            "they are live",
            *processes,
        )

    def after_heartbeats(self, count: int, *processes: WorkerProcess) -> None:
        """Wait until each worker has been heard of so many times more: time for whatever must not happen."""
        for _ in range(count):
            before = {process.pid: self.worker(process)["seen_at"] for process in processes}
            eventually(
                lambda seen=before: all(self.worker(p)["seen_at"] > seen[p.pid] for p in processes),  # type: ignore[misc]
                "they are heard of again",
                *processes,
            )

    def waiting(self) -> int:
        """Count the messages that nobody has received."""
        answer = self._rig.sqs.get_queue_attributes(
            QueueUrl=self._rig.queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def received(*processes: WorkerProcess) -> int:
    """Count what workers say that they have received."""
    return sum(int(process.figures()["received"]) for process in processes)
