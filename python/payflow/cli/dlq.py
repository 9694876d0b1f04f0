"""`payflow dlq`: dead letters listed, counted, shown, replayed, discarded, and taken in from the queue."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.books import Actor, Note, Yes, acting, now, open_books
from payflow.cli.exits import Exit
from payflow.cli.letters_chosen import Chosen
from payflow.cli.output import AsJson, print_json, print_line
from payflow.cli.rates import rate_per_s

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from payflow.cli.books import Books
    from payflow.ledger.quarantine import LetterFilter, Rehearsal
    from payflow.redrive import Edit, Replayed

app = cyclopts.App(
    name="dlq", help="Dead letters: what they are, what replaying them would do, and doing it."
)

LETTERS_MAX = 100_000
NOBODY_TO_ASK = "nobody is there to ask: look at --dry-run, then add --yes"
NOTHING_CHOSEN = "no dead letter is chosen: name ids, or a filter such as --class, or --all for all open ones"
CHOSEN_NONE = Chosen()

Ids = Annotated[int, Parameter(help="Ids of dead letters.")]
All = Annotated[bool, Parameter(name="--all", negative=(), help="All that --status selects.")]
Limit = Annotated[
    int, Parameter(help="Most letters, the oldest first.", validator=Number(gte=1, lte=LETTERS_MAX))
]


@app.command(name="list")
def list_(
    *ids: Ids,
    chosen: Chosen = CHOSEN_NONE,
    limit: Annotated[int, Parameter(help="Most letters.", validator=Number(gte=1, lte=1_000))] = 50,
    before: Annotated[int | None, Parameter(help="Only letters older than this id: the next page.")] = None,
    as_json: AsJson = False,
) -> int:
    """List dead letters, the newest first."""
    from payflow.cli.dlq_view import document, print_letters  # noqa: PLC0415
    from payflow.ledger.quarantine import list_letters  # noqa: PLC0415

    wanted = _filter(chosen, ids)
    if wanted is None:
        return Exit.USAGE

    async def read() -> Any:
        async with open_books() as books, books.pool.acquire() as connection:
            return await list_letters(connection, wanted, limit=limit, before=before)

    page = asyncio.run(read())
    if as_json:
        print_json({"letters": list(map(document, page.letters)), "next_before": page.next_before})
    else:
        print_letters(page)
    return Exit.OK


@app.command
def count(*ids: Ids, chosen: Chosen = CHOSEN_NONE, as_json: AsJson = False) -> int:
    """Count dead letters by class, reason and source."""
    from payflow.cli.dlq_view import document, print_groups  # noqa: PLC0415
    from payflow.ledger.quarantine import count_letters  # noqa: PLC0415

    wanted = _filter(chosen, ids)
    if wanted is None:
        return Exit.USAGE

    async def read() -> Any:
        async with open_books() as books, books.pool.acquire() as connection:
            return await count_letters(connection, wanted)

    counted = asyncio.run(read())
    if as_json:
        print_json({"total": counted.total, "groups": list(map(document, counted.groups))})
    else:
        print_groups(counted)
    return Exit.OK


@app.command
def show(
    letter: Annotated[int, Parameter(help="Id of the dead letter.")],
    /,
    *,
    body: Annotated[
        bool, Parameter(negative=(), help="Print the body alone, byte for byte: a file to edit.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Show one dead letter: what is wrong, its body, what was done with it, and what to do next."""
    from payflow.cli.dlq_view import print_letter, whole_document  # noqa: PLC0415
    from payflow.ledger.quarantine import read_letter  # noqa: PLC0415

    async def read() -> Any:
        async with open_books() as books, books.pool.acquire() as connection:
            return await read_letter(connection, letter)

    found = asyncio.run(read())
    if found is None:
        sys.stderr.write(f"there is no dead letter {letter}\nNext: `payflow dlq list --status any`\n")
        return Exit.DIFFERENCES
    if body:
        sys.stdout.buffer.write(found[1])
        sys.stdout.buffer.flush()
    elif as_json:
        print_json(whole_document(*found))
    else:
        print_letter(*found)
    return Exit.OK


@app.command
def replay(
    *ids: Ids,
    chosen: Chosen = CHOSEN_NONE,
    every: All = False,
    dry_run: Annotated[
        bool, Parameter(negative=(), help="Only tell what would become of each letter, and the money.")
    ] = False,
    edit_file: Annotated[
        Path | None, Parameter(help="Replay the one letter that is named with the body that this file has.")
    ] = None,
    rate: Annotated[str, Parameter(help="Most letters a second, as 50 or 50/s.")] = "100/s",
    limit: Limit = 1_000,
    note: Note = "",
    actor: Actor = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> int:
    """Send dead letters to the queue again, with their ids and bodies as they came.

    The dry run decodes, locks, reads and judges as a worker would, and takes everything back.

    Repeating a replay is safe: an event that was applied is a duplicate. Without --yes the dry run comes
    first, and a question. An edited body has to be a payment event; the letter keeps its own, and the trail
    has both.

    Exit code 1 says that the queue did not take some letters; they stay as they were.
    """
    from payflow.cli.dlq_replay import replay_chosen  # noqa: PLC0415
    from payflow.cli.dlq_view import progress_bar  # noqa: PLC0415
    from payflow.redrive import rehearse_all  # noqa: PLC0415

    if edit_file is not None:
        if len(ids) != 1 or every or chosen != CHOSEN_NONE:
            return _refuse("--edit-file: name one dead letter by its id, and no filter")
        return _replay_edited(
            ids[0], edit_file, dry_run=dry_run, yes=yes, note=note, actor=actor, as_json=as_json
        )
    wanted, per_s = _filter(chosen, ids), _per_s(rate)
    if wanted is None or per_s is None or not _bounded(wanted, every=every):
        return Exit.USAGE
    if not dry_run and not yes and not sys.stdin.isatty():
        return _refuse(NOBODY_TO_ASK)
    if dry_run or not yes:
        rehearsal: Rehearsal = _with_books(lambda books: rehearse_all(books.redriven, wanted, limit))
        if not _goes_on(rehearsal, dry_run=dry_run, as_json=as_json):
            return Exit.OK
    with progress_bar("Replaying", quiet=as_json) as advance:
        replayed = _with_books(
            lambda books: replay_chosen(
                books, wanted, limit, per_s, actor=acting(actor), note=note, advance=advance
            )
        )
    return _told(replayed, as_json=as_json)


@app.command
def discard(
    *ids: Ids,
    note: Note,
    chosen: Chosen = CHOSEN_NONE,
    every: All = False,
    limit: Limit = 1_000,
    actor: Actor = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> int:
    """Close dead letters that need no replay. The rows stay, with who closed them and why."""
    from payflow.redrive import discard_all  # noqa: PLC0415

    wanted = _filter(chosen, ids)
    if wanted is None or not _bounded(wanted, every=every):
        return Exit.USAGE
    if not note.strip():
        return _refuse("--note must say why")
    if not yes:
        if not sys.stdin.isatty():
            return _refuse("nobody is there to ask: look at `payflow dlq count`, then add --yes")
        if not _confirmed(f"Discard up to {limit:,} letters"):
            return Exit.OK
    who = acting(actor)
    discarded = _with_books(lambda books: discard_all(books.redriven, wanted, limit, actor=who, note=note))
    if as_json:
        print_json({"discarded": discarded})
    else:
        print_line(f"discarded {discarded:,}")
    return Exit.OK


@app.command
def pull(
    *,
    limit: Annotated[
        int, Parameter(help="Most messages that are looked at.", validator=Number(gte=1, lte=LETTERS_MAX))
    ] = 1_000,
    as_json: AsJson = False,
) -> int:
    """Take in what SQS itself moved to the dead-letter queue; workers do so every minute.

    Each message becomes a row of class exhausted, and is deleted once that is committed. Letters that
    workers sent have their rows and stay in the queue.
    """
    from payflow.cli.dlq_pull import pull_all  # noqa: PLC0415

    taken = _with_books(lambda books: pull_all(books, limit))
    if as_json:
        print_json(asdict(taken) | {"known": taken.known})
    else:
        print_line(
            f"looked at {taken.received:,}: {taken.listed:,} listed, {taken.known:,} listed before, "
            f"{taken.own:,} sent by workers"
        )
        if taken.kept:
            sys.stderr.write(f"{taken.kept:,} were listed and could not be deleted; they come again\n")
    return Exit.OK


def _replay_edited(
    letter_id: int, path: Path, *, dry_run: bool, yes: bool, note: str, actor: str | None, as_json: bool
) -> int:
    """Replay one letter with another body, by the same rules as any other."""
    from payflow.cli.dlq_edit import EditRefused, body_in, edit_of, replay_edited  # noqa: PLC0415
    from payflow.redrive import rehearse_edit  # noqa: PLC0415

    async def rehearsed(books: Books) -> tuple[Edit, Rehearsal]:
        edit = await edit_of(books, letter_id, path, body)
        return edit, await rehearse_edit(books.redriven, edit)

    if not dry_run and not yes and not sys.stdin.isatty():
        return _refuse(NOBODY_TO_ASK)
    if not dry_run and not note.strip():
        return _refuse("--note must say why the letter is edited")
    try:
        body = body_in(path)
        edit, rehearsal = _with_books(rehearsed)
    except EditRefused as refused:
        return _refuse(str(refused))
    if (dry_run or not yes) and not _goes_on(rehearsal, dry_run=dry_run, as_json=as_json):
        return Exit.OK
    who = acting(actor)
    return _told(_with_books(lambda books: replay_edited(books, edit, actor=who, note=note)), as_json=as_json)


def _goes_on(rehearsal: Rehearsal, *, dry_run: bool, as_json: bool) -> bool:
    """Show what a replay would do; tell whether somebody wants it done."""
    from payflow.cli.dlq_view import print_rehearsal, rehearsal_document  # noqa: PLC0415

    if as_json and dry_run:
        print_json(rehearsal_document(rehearsal))
    else:
        print_rehearsal(rehearsal, each=dry_run)
    letters = len(rehearsal.foreseen)
    return not dry_run and letters > 0 and _confirmed(f"Replay {letters:,} letters")


def _told(replayed: Replayed, *, as_json: bool) -> Exit:
    """Tell what came of a replay."""
    if as_json:
        failed = [{"dead_letter_id": name, "reason": reason} for name, reason in replayed.failed.items()]
        print_json({"sent": replayed.sent, "failed": failed})
    else:
        for letter_id, reason in replayed.failed.items():
            sys.stderr.write(f"dead letter {letter_id} was not sent: {reason}\n")
        print_line(f"replayed {replayed.sent:,}, not sent {len(replayed.failed):,}")
    return Exit.DIFFERENCES if replayed.failed else Exit.OK


def _with_books(work: Any) -> Any:
    """Run `work` on the database that the settings name."""

    async def run() -> Any:
        async with open_books() as books:
            coroutine: Coroutine[Any, Any, Any] = work(books)
            return await coroutine

    return asyncio.run(run())


def _filter(chosen: Chosen, ids: tuple[int, ...]) -> LetterFilter | None:
    """Give the filter, or say what is wrong with it."""
    try:
        return chosen.filter(ids, now())
    except ValueError as error:
        _refuse(str(error))
        return None


def _per_s(rate: str) -> int | None:
    """Give the rate, or say what is wrong with it."""
    try:
        return rate_per_s(rate)
    except ValueError as error:
        _refuse(str(error))
        return None


def _bounded(wanted: LetterFilter, *, every: bool) -> bool:
    """Tell whether somebody said which letters; that all are meant has to be said."""
    if wanted.selects_all and not every:
        _refuse(NOTHING_CHOSEN)
        return False
    return True


def _confirmed(question: str) -> bool:
    sys.stderr.write(f"{question}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _refuse(text: str) -> Exit:
    sys.stderr.write(f"{text}\n")
    return Exit.USAGE
