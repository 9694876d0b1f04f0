"""`payflow seed`: fills a database with a past, for measuring and for looking at."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import cyclopts
import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from payflow.cli.seed_filling import Sown
    from payflow.settings import Settings

app = cyclopts.App(name="seed", help="Fill a database with payments and their past.")

PROGRESS_INTERVAL_S = 2.0


@app.default
def seed(
    *,
    payments: Annotated[
        int, Parameter(help="How many payments.", validator=Number(gte=1, lte=100_000_000))
    ] = 1_000_000,
    days: Annotated[
        int,
        Parameter(help="Over how many days they are spread, up to now.", validator=Number(gte=1, lte=3_650)),
    ] = 90,
    append: Annotated[
        bool, Parameter(negative="", help="Add to books that have payments, or go on after an interruption.")
    ] = False,
    number: Annotated[
        int | None, Parameter(name="--seed", help="Names the past; another one each time without.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write payments with about five rows of the trail each, as if workers had applied a real stream.

    All of it was judged by the payment machine: `payflow verify` proves the books. A million payments take
    some minutes and 5 GB. Books that are not empty are refused without --append; after an interruption, what
    was written stays and can be verified.
    """
    from payflow.settings import load  # noqa: PLC0415

    sown = asyncio.run(
        _seed(load(), payments, timedelta(days=days), append=append, number=number, quiet=as_json)
    )
    if as_json:
        print_json(msgspec.structs.asdict(sown))
        return
    print_line(
        f"{sown.payments:,} payments, {sown.audit_rows:,} rows of the trail, "
        f"{sown.dead_letters:,} dead letters in {sown.took_s:,.0f} s (seed {sown.seed})"
    )


async def _seed(
    settings: Settings, payments: int, span: timedelta, *, append: bool, number: int | None, quiet: bool
) -> Sown:
    from payflow.cli.seed_filling import Filling  # noqa: PLC0415
    from payflow.workload.past import Past  # noqa: PLC0415

    end = datetime.now(UTC)
    chosen = time.time_ns() % 2**32 if number is None else number
    past = Past(chosen, _unix_ms(end - span), _unix_ms(end), payments)
    said_s = started_s = time.monotonic()

    def progress(sown: Sown) -> None:
        nonlocal said_s
        if quiet or time.monotonic() - said_s < PROGRESS_INTERVAL_S:
            return
        said_s = time.monotonic()
        rate = sown.payments / max(sown.took_s, 0.001)
        left_s = (payments - sown.payments) / max(rate, 1)
        print_line(f"{sown.payments:>11,} of {payments:,} payments, {rate:,.0f}/s, {left_s:,.0f} s left")

    async with Filling(settings, seed=chosen, append=append) as filling:
        if not quiet:
            print_line(
                f"Filling {settings.postgres.required_dsn.rpartition('@')[2]} with {payments:,} payments"
            )
        return await filling.run(past, progress, lambda: time.monotonic() - started_s)


def _unix_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)
