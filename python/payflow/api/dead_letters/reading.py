"""Dead letters as pages, as groups, and one with its body."""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from payflow.api.audit.reading import entry_fields
from payflow.api.audit.shapes import AuditEntry
from payflow.api.dead_letters.choosing import of_query
from payflow.api.dead_letters.shapes import (
    DeadLetter,
    DeadLetterDetail,
    LetterGroup,
    LetterGroups,
)
from payflow.api.routing.listing import COUNT_MAX, Page, page, window
from payflow.ledger.quarantine import (
    NEXT_STEPS,
    count_letters,
    count_up_to,
    list_letters,
    list_letters_back,
    read_letter,
)

if TYPE_CHECKING:
    from payflow.api.routing import Call
    from payflow.ledger.pool import Connection
    from payflow.ledger.quarantine import Letter

__all__ = ["count_groups", "list_page", "read_detail"]

_HISTORY = (files("payflow.api.dead_letters") / "sql" / "history.sql").read_text()


async def list_page(call: Call) -> Page[DeadLetter]:
    """Read one page, the newest first."""
    chosen, asked = of_query(call.query), window(call)
    place = None if asked.position is None else int(asked.position[0])
    async with call.reading() as connection:
        if asked.backwards and place is not None:
            letters = await list_letters_back(connection, chosen, limit=asked.limit + 1, ahead_of=place)
        else:
            letters = (await list_letters(connection, chosen, limit=asked.limit + 1, before=place)).letters
        counted = await count_up_to(connection, chosen, COUNT_MAX + 1) if call.query.count else None
    return page(
        call, asked, letters, key=lambda letter: (letter.dead_letter_id,), shape=_letter, counted=counted
    )


async def count_groups(call: Call) -> LetterGroups:
    """Count letters by what is wrong with them."""
    async with call.reading() as connection:
        counted = await count_letters(connection, of_query(call.query))
    groups = [LetterGroup(**msgspec.structs.asdict(group)) for group in counted.groups]
    return LetterGroups(total=counted.total, groups=groups)


async def read_detail(connection: Connection, dead_letter_id: int) -> DeadLetterDetail | None:
    """Read one letter; None if there is none of that id."""
    found = await read_letter(connection, dead_letter_id)
    if found is None:
        return None
    letter, body, _ = found
    history = await connection.fetch(_HISTORY, str(dead_letter_id))
    text: str | None
    try:
        text, coded = body.decode(), None
    except UnicodeDecodeError:
        text, coded = None, base64.b64encode(body).decode()
    return DeadLetterDetail(
        **msgspec.structs.asdict(_letter(letter)),
        body=text,
        body_base64=coded,
        next_step=NEXT_STEPS.get(letter.klass) if letter.status == "open" else None,
        history=[AuditEntry(**entry_fields(row)) for row in history],
    )


def _letter(letter: Letter) -> DeadLetter:
    fields = msgspec.structs.asdict(letter)
    return DeadLetter(**fields | {"dead_letter_id": str(letter.dead_letter_id)})
