"""One drill: load under faults, quiet, contradictions under faults, quiet, and everything is checked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from payflow import _native
from payflow.bench.feeding import Feeder
from payflow.drill.checks import ALL_CLAIMS, check_attempts, check_books, check_log
from payflow.drill.comparison import Finding
from payflow.drill.failure import DrillFailed
from payflow.drill.options import DRILL_MIX, quick_settings, quick_variables
from payflow.drill.plan import make_plan
from payflow.drill.queue_watch import QueueWatch
from payflow.drill.site import Site
from payflow.drill.stretch import StretchRun, Struck
from payflow.drill.strikes import AllStrikes
from payflow.drill.told import ToldFiles
from payflow.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from payflow.bench.view import View
    from payflow.drill.options import DrillOptions
    from payflow.drill.plan import Plan, Stretch
    from payflow.drill.site import Standing
    from payflow.settings import Settings

_SENDER_CONNECTIONS: Final = 4
_START_TIMEOUT_S: Final = 60.0
_STALL_TIMEOUT_S: Final = 120.0
"""A quiet queue that gets no shorter for so long will never be empty."""
_POLL_S: Final = 0.1


@dataclass
class DrillRun:
    """What a drill did and what it found."""

    options: DrillOptions
    plan: Plan
    struck: list[Struck] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    kept_in: Path | None = None
    """Data and logs of a drill that failed, or whose directory was given."""

    @property
    def passed(self) -> bool:
        """Whether every claim holds."""
        return not self.findings


def run_drill(settings: Settings, options: DrillOptions, view: View) -> DrillRun:
    """Run one drill.

    Raises:
        EmbeddedFailed: when a server can't start.
        FaultsFailed: when a fault can't be made.

    """
    run = DrillRun(options, plan_of(options))
    site = Site(quick_settings(settings), quick_variables(), options.workers, view.say, options.data_dir)
    with site as standing:
        try:
            _Drill(run, standing, site.path, view).go()
        except Exception:
            site.keep()
            view.say(f"Data and logs are kept in {site.path}")
            raise
        if not run.passed:
            site.keep()
        if not run.passed or options.data_dir is not None:
            run.kept_in = site.path
    return run


def plan_of(options: DrillOptions) -> Plan:
    """Give the faults that the options name."""
    return make_plan(options.seed, options.load_s, options.contradictions_s, options.workers)


class _Drill:
    """The course of one drill on a site that stands."""

    def __init__(self, run: DrillRun, standing: Standing, path: Path, view: View) -> None:
        self._run = run
        self._standing = standing
        self._view = view
        self._told = ToldFiles(path / "told")
        self._strikes = AllStrikes(standing, run.options)
        self._contradictions: list[bytes] = []
        self._resent = 0
        self._sent = 0
        queue = standing.settings.queue
        self._sender = _native.NativeSender(
            queue.endpoint_url,
            queue.region,
            standing.queue_url,
            _SENDER_CONNECTIONS,
            access_key_id="local",
            secret_access_key="local",  # noqa: S106 - the local server looks at none
        )

    def go(self) -> None:
        """Do all of it; what is wrong goes into the run's findings."""
        run, standing = self._run, self._standing
        began_s = time.monotonic()
        with QueueWatch(standing.settings) as watch:
            try:
                self._until_working()
                self._load_and_contradict(watch)
            except DrillFailed as failure:
                run.findings.append(Finding("unfinished", "the drill", "an empty queue", str(failure)))
            run.figures["until_quiet_s"] = round(time.monotonic() - began_s, 1)
            self._end_crew()
            if any(finding.claim == "unfinished" for finding in run.findings):
                return
            self._view.say("Comparing the books with the model")
            letters = watch.take_all(standing.dead_letter_queue_url)
        findings, proof = check_books(standing.settings, self._told, self._resent, letters)
        run.findings += findings + check_attempts(standing.settings.redis.required_url)
        run.figures |= {
            "sent": self._sent,
            "resent": self._resent,
            "received": standing.queue.stats().received,
            "dead_letters": len(letters),
            "payments": proof.payments,
            "audit_rows": proof.audit_rows,
            "took_s": round(time.monotonic() - began_s, 1),
        }

    def _end_crew(self) -> None:
        """End the workers in order, and look at what they leave behind."""
        run, crew = self._run, self._standing.crew
        ends = crew.end()
        run.figures["workers_ended"] = {member.name: member.ends for member in crew.members}
        for member, code in zip(crew.members, ends, strict=True):
            if code != 0:
                run.findings.append(Finding("unclean_end", member.name, "exit code 0", f"exit code {code}"))
            run.findings += check_log(member.name, member.log)

    def _load_and_contradict(self, watch: QueueWatch) -> None:
        options, plan = self._run.options, self._run.plan
        with self._told:
            self._stretch("load", plan.load, Feeder(self._sender, self._bodies(), options.rate))
        self._quiet(watch)
        rate = max(len(self._contradictions) / max(plan.contradictions.seconds, 1.0), 1.0)
        self._stretch("contradictions", plan.contradictions, Feeder(self._sender, self._contradictions, rate))
        self._quiet(watch)

    def _bodies(self) -> Iterator[bytes]:
        """Give what is sent, and note it; contradictions wait for what they contradict."""
        options = self._run.options
        # Facts that wait for others have deadlines: the stream's clock starts now.
        workload = Workload(options.seed, DRILL_MIX, clock_start=datetime.now(UTC))
        for delivery in workload.deliveries(options.deliveries):
            self._told.add(delivery)
            if delivery.kind == "faulty":
                self._contradictions.append(delivery.body)
            else:
                yield delivery.body

    def _stretch(self, name: str, stretch: Stretch, feeder: Feeder) -> None:
        running = StretchRun(name, stretch, self._strikes, self._view)
        try:
            running.go(feeder)
        finally:
            feeder.stop()
            self._run.struck += running.struck
            self._sent += feeder.sent
            self._resent += feeder.resent

    def _until_working(self) -> None:
        self._standing.crew.start()
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while not all(member.working for member in self._standing.crew.members):
            self._standing.crew.tend()
            if time.monotonic() > deadline_s:
                raise DrillFailed(f"the workers did not start within {_START_TIMEOUT_S:g} s")
            time.sleep(_POLL_S)

    def _quiet(self, watch: QueueWatch) -> None:
        """Wait until the queue is empty, in flight and delayed messages included."""
        url = self._standing.queue_url
        self._view.say("Quiet: every fault is off")
        least, moved_s = watch.left(url), time.monotonic()
        while least or not all(member.working for member in self._standing.crew.members):
            self._strikes.tend()
            time.sleep(_POLL_S)
            left = watch.left(url)
            if left < least:
                least, moved_s = left, time.monotonic()
            elif time.monotonic() - moved_s > _STALL_TIMEOUT_S:
                raise DrillFailed(
                    f"{left:,} messages were left: nothing has moved for {_STALL_TIMEOUT_S:g} s"
                )


def claims_of(run: DrillRun) -> dict[str, int]:
    """Count the violations of each claim, those that hold included."""
    counts = dict.fromkeys(ALL_CLAIMS, 0)
    for finding in run.findings:
        counts[finding.claim] += 1
    return counts
