"""`payflow payment show`: one payment with all that is known of it."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.exits import Exit
from payflow.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from payflow.ledger.reading import PaymentPage

app = cyclopts.App(name="payment", help="Look at one payment.")


@app.command
def show(
    payment_id: Annotated[str, Parameter(help="Id of the payment.")],
    /,
    *,
    entries_max: Annotated[
        int, Parameter(help="Most entries of each list, the newest.", validator=Number(gte=1, lte=100_000))
    ] = 200,
    as_json: AsJson = False,
) -> int:
    """Show sums, operations, the timeline with each verdict, and all that waits or was refused."""
    page = asyncio.run(_read(payment_id, entries_max))
    if page is None:
        print(  # noqa: T201
            f"payment {payment_id} is not in the books\n"
            "Next: check the id; an event that was sent may still wait in the queue",
            file=sys.stderr,
        )
        return Exit.DIFFERENCES
    if as_json:
        print_json(document(page))
    else:
        from payflow.cli.payment_view import print_page  # noqa: PLC0415

        print_page(page)
    return Exit.OK


async def _read(payment_id: str, entries_max: int) -> PaymentPage | None:
    from payflow.ledger.reading import open_snapshot, read_payment  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    async with open_snapshot(load().postgres.ledger_options()) as connection:
        return await read_payment(connection, payment_id, entries_max=entries_max)


def document(page: PaymentPage) -> dict[str, Any]:
    """Give the payment for programs: amounts are integers of minor units."""
    told = asdict(page)
    told["sums"] |= {
        "capturable_minor": page.sums.capturable_minor,
        "refundable_minor": page.sums.refundable_minor,
        "over_returned_minor": page.sums.over_returned_minor,
    }
    for letter in told["dead_letters"]:
        letter["class"] = letter.pop("klass")
    return told
