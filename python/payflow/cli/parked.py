"""`payflow parked`: facts that wait for other facts, and the two ways out that an operator has."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.books import Actor, Note, acting, now, open_books
from payflow.cli.exits import Exit
from payflow.cli.moments import moment
from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from payflow.cli.books import Books
    from payflow.ledger.quarantine import Linked, Parked

app = cyclopts.App(
    name="parked", help="Facts that came before what they need: they wait, and are applied when it comes."
)

SAME_EVENT_ID_MAX = 100
"""Facts of one payment among which the one that was named is looked for, and that a page shows."""

PaymentId = Annotated[str, Parameter(help="Id of the payment that the fact waits on.")]
EventId = Annotated[str, Parameter(help="Event id of the fact.")]
Source = Annotated[str | None, Parameter(help="Source of the fact, where two have one event id.")]


@app.command(name="list")
def list_(
    *,
    payment: Annotated[str | None, Parameter(help="Of this payment.")] = None,
    source: Annotated[str | None, Parameter(help="Of this source.")] = None,
    waits_for: Annotated[str | None, Parameter(help="Slug of what it waits for.")] = None,
    older_than: Annotated[
        str | None, Parameter(help="Parked before: an age (15m, 2h, 3d) or a date.")
    ] = None,
    limit: Annotated[int, Parameter(help="Most facts.", validator=Number(gte=1, lte=1_000))] = 50,
    after: Annotated[str | None, Parameter(help="Where the page before this one ended.")] = None,
    as_json: AsJson = False,
) -> int:
    """List parked facts, those that wait longest first."""
    from payflow.cli.parked_view import cursor_of, document, place_of, print_facts  # noqa: PLC0415
    from payflow.ledger.quarantine import ParkedFilter, list_parked  # noqa: PLC0415

    try:
        wanted = ParkedFilter(
            payment_id=payment,
            source=source,
            waits_for=waits_for,
            parked_before=moment(older_than, now()),
        )
        behind = None if after is None else place_of(after)
    except ValueError as error:
        return _refuse(str(error), Exit.USAGE)

    async def read(books: Books) -> Any:
        async with books.pool.acquire() as connection:
            return await list_parked(connection, wanted, limit=limit, behind=behind)

    page = _with_books(read)
    following = cursor_of(page.facts[-1]) if page.more else None
    if as_json:
        print_json({"facts": [document(fact, now()) for fact in page.facts], "next_after": following})
    else:
        print_facts(page.facts, following, now())
    return Exit.OK


@app.command
def show(
    payment: PaymentId,
    event: Annotated[str | None, Parameter(help="Only the fact of this event id.")] = None,
    /,
    *,
    as_json: AsJson = False,
) -> int:
    """Show what waits on one payment: what each fact needs, and what the payment has."""
    from payflow.cli.parked_view import page_document, print_waiting  # noqa: PLC0415
    from payflow.ledger.reading import read_payment  # noqa: PLC0415

    async def read(books: Books) -> Any:
        facts = await _facts(books, payment, event)
        async with books.pool.acquire() as connection:
            return facts, await read_payment(connection, payment, entries_max=SAME_EVENT_ID_MAX)

    facts, page = _with_books(read)
    if not facts or page is None:
        what = f"event {event}" if event else "nothing"
        return _refuse(f"{what} waits on payment {payment}\nNext: `payflow payment show {payment}`")
    if as_json:
        print_json(page_document(facts, page, now()))
    else:
        print_waiting(facts, page, now())
    return Exit.OK


@app.command
def discard(
    payment: PaymentId,
    event: EventId,
    /,
    *,
    note: Note,
    source: Source = None,
    actor: Actor = None,
) -> int:
    """Take a fact out of parking for good. The trail keeps it, with verdict `discarded` and who did it."""
    from payflow.ledger.quarantine import discard_fact  # noqa: PLC0415

    if not note.strip():
        return _refuse("--note must say why", Exit.USAGE)
    who = acting(actor)

    async def act(books: Books, fact: Parked) -> bool:
        async with books.pool.acquire() as connection:
            return await discard_fact(connection, fact.key, actor=who, note=note, now=now())

    done = _on_one_fact(payment, event, source, act)
    if done is None:
        return Exit.DIFFERENCES
    if not done:
        return _refuse(f"event {event} has left parking meanwhile\nNext: `payflow payment show {payment}`")
    print_line(f"discarded event {event} of payment {payment}")
    return Exit.OK


@app.command
def link(
    payment: PaymentId,
    event: EventId,
    /,
    *,
    to: Annotated[str, Parameter(help="Id of the payment that the fact belongs to.")],
    note: Note,
    source: Source = None,
    actor: Actor = None,
) -> int:
    """Apply a parked fact to another payment, where the provider's reference led to the wrong one.

    The same event is delivered to that payment and leaves this one, in one transaction. If it does not apply
    there, nothing changes, and the reason is told.
    """
    from payflow.ledger.quarantine import link_fact  # noqa: PLC0415

    if not note.strip():
        return _refuse("--note must say why", Exit.USAGE)
    if to == payment:
        return _refuse(f"--to must be another payment: the fact waits on {payment} already", Exit.USAGE)
    who = acting(actor)

    async def act(books: Books, fact: Parked) -> Linked:
        rules = await books.rules()
        async with books.pool.acquire() as connection:
            return await link_fact(
                *(connection, books.policies, rules, books.decoder.decode, now, fact.key, to),
                actor=who,
                note=note,
            )

    linked = _on_one_fact(payment, event, source, act)
    if linked is None:
        return Exit.DIFFERENCES
    if not linked.done:
        return _refuse(
            f"event {event} was not linked: on payment {to} it would be {linked.verdict} ({linked.reason})\n"
            f"Next: `payflow payment show {to}`"
        )
    print_line(f"event {event} of payment {payment} was applied to payment {to} ({linked.reason})")
    return Exit.OK


async def _facts(
    books: Books, payment_id: str, event_id: str | None, source: str | None = None
) -> list[Parked]:
    """Read what waits on a payment, or the facts of one event id."""
    from payflow.ledger.quarantine import ParkedFilter, list_parked  # noqa: PLC0415

    wanted = ParkedFilter(payment_id=payment_id, source=source, event_id=event_id)
    async with books.pool.acquire() as connection:
        return (await list_parked(connection, wanted, limit=SAME_EVENT_ID_MAX)).facts


def _on_one_fact(
    payment_id: str,
    event_id: str,
    source: str | None,
    act: Callable[[Books, Parked], Coroutine[Any, Any, Any]],
) -> Any:
    """Do something to the one fact that is named; None, and the reason told, when there is not one."""

    async def run(books: Books) -> Any:
        facts = await _facts(books, payment_id, event_id, source)
        if len(facts) == 1:
            return await act(books, facts[0])
        if facts:
            sources = ", ".join(fact.source for fact in facts)
            _refuse(f"event {event_id} waits from several sources: add --source with one of {sources}")
        else:
            _refuse(f"event {event_id} does not wait on payment {payment_id}\nNext: `payflow parked list`")
        return None

    return _with_books(run)


def _with_books(work: Callable[[Books], Coroutine[Any, Any, Any]]) -> Any:
    """Run `work` on the database that the settings name."""

    async def run() -> Any:
        async with open_books() as books:
            return await work(books)

    return asyncio.run(run())


def _refuse(text: str, code: Exit = Exit.DIFFERENCES) -> Exit:
    sys.stderr.write(f"{text}\n")
    return code
