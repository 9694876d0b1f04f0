"""`payflow bench restarts`: workers are replaced by SIGTERM at random moments under load, as a deploy does.

Nothing else is broken, and settings are as in production. What was finished must not come again, and what was
in hand must not count as an attempt.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from random import Random
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import orjson

from payflow import _native
from payflow.bench.feeding import Feeder
from payflow.bench.machine import describe_machine
from payflow.drill.checks import check_attempts, check_books, check_log
from payflow.drill.failure import DrillFailed
from payflow.drill.queue_watch import QueueWatch
from payflow.drill.site import Site
from payflow.drill.told import ToldFiles
from payflow.workload import Mix, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from payflow.bench.view import View
    from payflow.drill.comparison import Finding
    from payflow.drill.crew import Crew, Member
    from payflow.drill.site import Standing
    from payflow.settings import Settings

MIX: Final = Mix(duplicates=0.0, late=0.0, faulty=0.0)
"""No message is sent twice: whatever is found to be a duplicate has come again. And facts are sent in order,
so that nothing waits for a fact that was not sent any more when the stream ends."""
PROBLEMS_MAX: Final = 20
VARIABLES: Final = {
    "PAYFLOW_WORKER_METRICS_PORT": "0",
    "PAYFLOW_LOGGING_FORMAT": "json",
    # The run takes everything out of the dead-letter queue at its end.
    "PAYFLOW_SWEEPER_DEAD_LETTERS_HIDDEN_S": "2",
}

_PAUSE_S: Final = (0.2, 2.0)
"""Between a worker's start, or the SIGTERM before, and the next SIGTERM."""
_START_TIMEOUT_S: Final = 60.0
_STALL_TIMEOUT_S: Final = 120.0
_POLL_S: Final = 0.02
_SENDER_CONNECTIONS: Final = 4
_FINISHED_AGAIN = (files("payflow.drill") / "sql" / "finished_again.sql").read_text()


@dataclass(frozen=True)
class RestartOptions:
    """How often, among how many, under what load."""

    times: int = 50
    workers: int = 2
    rate: int = 2_000
    seed: int = 1

    @property
    def name(self) -> str:
        """Name the run, for the file that its figures go to."""
        return f"restarts-{self.times}-{self.workers}-{self.rate}"


@dataclass(frozen=True)
class RestartsRun:
    """The figures of a run, and what is wrong with it."""

    figures: dict[str, Any]
    problems: list[str]


def run_restarts(settings: Settings, options: RestartOptions, view: View) -> RestartsRun:
    """Run it.

    Raises:
        DrillFailed: when a worker ends by itself, or the queue is never empty.
        EmbeddedFailed: when a server can't start.

    """
    site = Site(settings, VARIABLES, options.workers, view.say)
    with site as standing:
        return _Restarts(standing, options, view, site.path).go()


class _Restarts:
    def __init__(self, standing: Standing, options: RestartOptions, view: View, path: Path) -> None:
        self._standing = standing
        self._options = options
        self._view = view
        self._path = path
        self._told = ToldFiles(path / "told")
        self._random = Random(options.seed)  # noqa: S311 - it has to be repeatable
        self._sent = 0

    def go(self) -> RestartsRun:
        """Do all of it."""
        standing, options, crew = self._standing, self._options, self._standing.crew
        queue = standing.settings.queue
        sender = _native.NativeSender(
            queue.endpoint_url,
            queue.region,
            standing.queue_url,
            _SENDER_CONNECTIONS,
            access_key_id="local",
            secret_access_key="local",  # noqa: S106 - the local server looks at none
        )
        crew.start()
        self._until(lambda: all(member.working for member in crew.members), _START_TIMEOUT_S)
        feeder = Feeder(sender, self._bodies(), options.rate)
        with self._told:
            feeder.start()
            try:
                with self._view.progress(f"{options.times} SIGTERMs", options.times) as progress:
                    for _ in range(options.times):
                        self._stop_one(crew)
                        progress(1)
            finally:
                feeder.stop()
        with QueueWatch(standing.settings) as watch:
            self._view.say("Emptying the queue")
            self._until(lambda: watch.left(standing.queue_url) == 0, _STALL_TIMEOUT_S)
            ends = Counter(code for member in crew.members for code in member.ends) + Counter(crew.end())
            letters = watch.take_all(standing.dead_letter_queue_url)
        findings, _ = check_books(standing.settings, self._told, feeder.resent, letters)
        for member in crew.members:
            findings += check_log(member.name, member.log)
        attempts = len(check_attempts(standing.settings.redis.required_url))
        return self._result(feeder, findings, ends, attempts)

    def _bodies(self) -> Iterator[bytes]:
        workload = Workload(self._options.seed, MIX, clock_start=datetime.now(UTC))
        for delivery in workload.deliveries(None):
            self._told.add(delivery)
            yield delivery.body

    def _stop_one(self, crew: Crew) -> None:
        """Let all work for a moment; then stop one of those that do, and wait until another has its place."""
        ends_s = time.monotonic() + self._random.uniform(*_PAUSE_S)
        self._until(lambda: time.monotonic() >= ends_s, _STALL_TIMEOUT_S)
        member = self._random.choice(crew.members)
        self._until(lambda: member.working, _START_TIMEOUT_S)
        before = len(member.ends)
        member.ask_to_end()
        self._until(lambda: len(member.ends) > before, _STALL_TIMEOUT_S)

    def _until(self, holds: Any, timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not holds():
            self._standing.crew.tend()
            if time.monotonic() > deadline_s:
                raise DrillFailed(f"the run stood still for {timeout_s:g} s; see {self._path / 'logs'}")
            time.sleep(_POLL_S)

    def _result(
        self, feeder: Feeder, findings: list[Finding], ends: Counter[int | None], attempts: int
    ) -> RestartsRun:
        standing, options = self._standing, self._options
        stops_s = [stop_s for member in standing.crew.members for stop_s in member.stops_s]
        claims = Counter(finding.claim for finding in findings)
        finished_again = asyncio.run(_count(standing.settings.postgres.required_dsn, _FINISHED_AGAIN))
        received = standing.queue.stats().received
        figures: dict[str, Any] = {
            "events_lost": claims["lost"],
            "applied_twice": claims["applied_twice"],
            "finished_again": finished_again,
            "attempts": attempts + claims["attempt_burnt"],
            "dead_letters": claims["wrongly_dead_lettered"] + claims["dead_letter_unlisted"],
            "given_back": sum(_given_back(member) for member in standing.crew.members),
            "stop_s": {
                "p50": round(statistics.median(stops_s), 2),
                "max": round(max(stops_s), 2),
            },
            "machine": describe_machine(self._path, {}),
            "run": {
                "times": options.times,
                "workers": options.workers,
                "rate": options.rate,
                "seed": options.seed,
                "sent": feeder.sent,
                "resent_by_sender": feeder.resent,
                "received": received,
                "ended_with": {str(code): count for code, count in ends.items()},
            },
        }
        problems = [
            f"{finding.claim}: {finding.subject}: {finding.found}" for finding in findings[:PROBLEMS_MAX]
        ]
        if finished_again and not feeder.resent:
            problems.append(f"{finished_again:,} messages that were finished came again")
        if attempts:
            problems.append(f"{attempts:,} messages have a counted attempt")
        if ends.keys() != {0}:
            problems.append(f"workers ended with {dict(ends)}")
        return RestartsRun(figures, problems)


def _given_back(member: Member) -> int:
    """Count what a place's workers gave back to the queue, as they say at their end."""
    released = 0
    for line in member.log.read_bytes().splitlines():
        if b'"intake_stopped"' in line:
            released += orjson.loads(line)["released"]
    return released


async def _count(dsn: str, statement: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval(statement))
    finally:
        await connection.close()
