"""`payflow verify`: proves that the books follow from the audit trail."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.exits import Exit
from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.progress import Progress

    from payflow.ledger.reading import Proof

app = cyclopts.App(name="verify")


@app.default
def verify(
    *,
    payment: Annotated[str | None, Parameter(help="Prove this payment only.")] = None,
    differences_max: Annotated[
        int,
        Parameter(
            help="Most differences that are listed; all are counted.", validator=Number(gte=1, lte=100_000)
        ),
    ] = 100,
    as_json: AsJson = False,
) -> int:
    """Rebuild payments from the audit trail, and prove that the books are what it says.

    Each event is applied at most once. Replaying the trail gives every verdict that it states, and the
    operations, sums, status and parked facts of the tables. Cached sums are the sums of operations, and the
    bounds hold. Nothing stands in the books that the trail doesn't explain. Quarantined deliveries are in
    the trail and were alerted. Reads one consistent snapshot; workers may go on meanwhile.

    Exit code 0 when all of it holds, 1 with the list of differences otherwise.
    """
    progress = None if as_json or not sys.stderr.isatty() else _progress_bar()
    guard: AbstractContextManager[Any] = progress or nullcontext()
    with guard:
        proof, took_s = asyncio.run(_prove(payment, differences_max, progress))
    unknown = payment is not None and proof.payments == 0 and proof.clean
    if as_json:
        print_json(report(proof, took_s))
    elif not unknown:
        for line in report_lines(proof, took_s):
            print_line(line)
    if unknown:
        print(f"payment {payment} is not in the books\nNext: check the id", file=sys.stderr)  # noqa: T201
        return Exit.DIFFERENCES
    return Exit.OK if proof.clean else Exit.DIFFERENCES


async def _prove(
    payment_id: str | None, differences_max: int, progress: Progress | None
) -> tuple[Proof, float]:
    """Prove, and tell how long it took in seconds."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from payflow import _native  # noqa: PLC0415
    from payflow.decoding import Decoder  # noqa: PLC0415
    from payflow.events import Sources  # noqa: PLC0415
    from payflow.ledger.reading import Verification, open_snapshot  # noqa: PLC0415
    from payflow.lifecycle import policies_of  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    settings = load()
    sources = Sources.load(settings.events.sources_file)
    async with open_snapshot(settings.postgres.ledger_options()) as connection:
        task = None if progress is None else progress.add_task("Proving", total=None)

        def advance(audit_rows: int) -> None:
            if progress is not None and task is not None:
                progress.update(task, completed=audit_rows)

        verification = Verification(
            connection,
            _native.Replay(policies_of(sources)),
            Decoder(sources, lambda: datetime.now(UTC)).decode,
            progress=advance,
        )
        if progress is not None and task is not None and payment_id is None:
            progress.update(task, total=await verification.audit_rows_estimate())
        started_s = time.monotonic()
        proof = await verification.prove(payment_id, differences_max=differences_max)
        return proof, time.monotonic() - started_s


def report(proof: Proof, took_s: float) -> dict[str, Any]:
    """Give the proof for programs."""
    return {
        "clean": proof.clean,
        "payments": proof.payments,
        "audit_rows": proof.audit_rows,
        "dead_letters": proof.dead_letters,
        "differences_total": proof.differences_total,
        "differences": [
            asdict(difference) | {"next": difference.next_step} for difference in proof.differences
        ],
        "took_s": round(took_s, 3),
        "audit_rows_per_s": _rate(proof, took_s),
    }


def report_lines(proof: Proof, took_s: float) -> list[str]:
    """Give the proof for people: the differences, then what was looked at."""
    lines = []
    for difference in proof.differences:
        row = "" if difference.audit_id is None else f"  (audit row {difference.audit_id})"
        lines += [
            f"{difference.payment_id}  {difference.check}: {difference.subject}{row}",
            f"    expected  {difference.expected}",
            f"    found     {difference.found}",
            f"    next      {difference.next_step}",
        ]
    unlisted = proof.differences_total - len(proof.differences)
    if unlisted:
        lines.append(f"... and {unlisted:,} more; --differences-max lists more of them")
    outcome = (
        "The books follow from the trail" if proof.clean else f"Differences: {proof.differences_total:,}"
    )
    lines.append(
        f"{outcome}; {proof.payments:,} payments, {proof.audit_rows:,} audit rows and "
        f"{proof.dead_letters:,} quarantined deliveries in {took_s:.1f} s ({_rate(proof, took_s):,} rows/s)"
    )
    return lines


def _rate(proof: Proof, took_s: float) -> int:
    return round(proof.audit_rows / max(took_s, 1e-9))


def _progress_bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("audit rows"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
