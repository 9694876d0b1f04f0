"""What `payflow drill` prints: plans, findings, and a table over several seeds."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from payflow.bench.machine import describe_machine
from payflow.drill.checks import ALL_CLAIMS
from payflow.drill.run import claims_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.drill.plan import Plan
    from payflow.drill.run import DrillRun

FINDINGS_SHOWN: Final = 20
"""Findings of one drill that people are shown; JSON has all."""


def plan_lines(plan: Plan) -> list[str]:
    """Give a plan, one fault a line."""
    lines = [f"Seed {plan.seed}: {len(plan.injections)} faults"]
    for name, stretch in (("load", plan.load), ("contradictions", plan.contradictions)):
        lines.append(f"{name}, {stretch.seconds:g} s")
        lines += [
            f"  {injection.at_s:7.2f} s  {injection.name:<30}{injection.lasts_s:6.2f} s  "
            f"{injection.kind.told}"
            for injection in stretch.injections
        ]
    return lines


def plan_report(plan: Plan) -> dict[str, Any]:
    """Give a plan for programs."""
    stretches = {"load": plan.load, "contradictions": plan.contradictions}
    return {
        "seed": plan.seed,
        "stretches": {
            name: {
                "seconds": stretch.seconds,
                "faults": [injection.as_json() for injection in stretch.injections],
            }
            for name, stretch in stretches.items()
        },
    }


def drill_lines(run: DrillRun) -> list[str]:
    """Give what a drill did and found."""
    figures, options = run.figures, run.options
    struck = Counter(one.injection.kind.slug for one in run.struck)
    lines = [f"Seed {options.seed}: {len(run.struck)} faults of {len(struck)} kinds struck"]
    if "sent" in figures:
        lines.append(
            f"  {figures['sent']:,} deliveries sent, {figures['received']:,} received, "
            f"{figures['payments']:,} payments, {figures['audit_rows']:,} rows in the trail, "
            f"{figures['dead_letters']:,} dead letters, {figures['took_s']:g} s"
        )
    violations = claims_of(run)
    unfinished = violations["unfinished"] > 0
    for claim, text in ALL_CLAIMS.items():
        count = violations[claim]
        if unfinished and not count:
            continue
        lines.append(
            f"  {'holds ' if not count else 'BROKEN'}  {text}{f': {count:,} violations' if count else ''}"
        )
    for finding in run.findings[:FINDINGS_SHOWN]:
        lines += [
            f"    {finding.claim}  {finding.subject}",
            f"      expected  {finding.expected}",
            f"      found     {finding.found}",
        ]
    if len(run.findings) > FINDINGS_SHOWN:
        lines.append(f"    ... and {len(run.findings) - FINDINGS_SHOWN:,} more; --json has all")
    lines.append(f"  {'PASSED' if run.passed else 'FAILED'}; the same faults again: {options.command}")
    if run.kept_in is not None:
        lines.append(f"  Data and logs are in {run.kept_in}")
    return lines


def drill_report(run: DrillRun) -> dict[str, Any]:
    """Give it for programs."""
    return {
        "seed": run.options.seed,
        "passed": run.passed,
        "command": run.options.command,
        "claims": {
            claim: {"demands": ALL_CLAIMS[claim], "violations": count}
            for claim, count in claims_of(run).items()
        },
        "findings": [dataclasses.asdict(finding) for finding in run.findings],
        "figures": run.figures,
        "faults": [one.as_json() for one in run.struck],
        "kept_in": None if run.kept_in is None else str(run.kept_in),
    }


def summary_report(runs: Sequence[DrillRun]) -> dict[str, Any]:
    """Give what is worth keeping of several drills: figures, faults by kind, findings."""
    return {
        "passed": sum(run.passed for run in runs),
        "drills": len(runs),
        "deliveries": sum(run.figures.get("sent", 0) for run in runs),
        "faults": sum(len(run.struck) for run in runs),
        "machine": describe_machine(Path(tempfile.gettempdir()), {}),
        "seeds": [
            {
                "command": run.options.command,
                "passed": run.passed,
                "figures": run.figures,
                "faults": dict(sorted(Counter(one.injection.kind.slug for one in run.struck).items())),
                "findings": [dataclasses.asdict(finding) for finding in run.findings],
            }
            for run in runs
        ],
    }


def table_lines(runs: Sequence[DrillRun]) -> list[str]:
    """Give one line for each seed, and the sum."""
    lines = [f"{'seed':>6}{'faults':>8}{'sent':>12}{'received':>12}{'payments':>11}{'findings':>10}  outcome"]
    for run in runs:
        figures = run.figures
        counts = [f"{figures.get(name, 0):,}" for name in ("sent", "received", "payments")]
        lines.append(
            f"{run.options.seed:>6}{len(run.struck):>8}{counts[0]:>12}{counts[1]:>12}{counts[2]:>11}"
            f"{len(run.findings):>10}  {'passed' if run.passed else 'FAILED'}"
        )
    passed = sum(run.passed for run in runs)
    sent = sum(run.figures.get("sent", 0) for run in runs)
    faults = sum(len(run.struck) for run in runs)
    lines.append(f"{passed} of {len(runs)} passed: {faults:,} faults, {sent:,} deliveries")
    return lines
