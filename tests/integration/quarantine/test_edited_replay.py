"""A dead letter replayed with another body: validated, rehearsed, audited, and safe to repeat."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from payflow.errors import QueueError, StoreError
from payflow.ledger.dead_letters import insert_dead_letters
from payflow.redrive import editing

from tests.integration.quarantine.yard import authorized, captured, letter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.quarantine.conftest import Queue
    from tests.integration.quarantine.test_dlq_commands import Command
    from tests.integration.quarantine.yard import Yard

WRONG = orjson.dumps(captured("p", amount_minor=500) | {"merchant_id": ""})
RIGHT = orjson.dumps(captured("p", amount_minor=500))
EDITS = """
SELECT details ->> 'before', details ->> 'after', actor, note, payment_id
FROM audit_logs WHERE action = 'dead_letter.edited' ORDER BY audit_id
"""


@pytest.fixture
async def wrong(yard: Yard) -> str:
    """A letter that is malformed for one field; gives its id."""
    await yard.book(authorized("p", 1_000))
    row = letter("m", WRONG, klass="malformed", reason="too_short", payment_id="p")
    async with yard.pool.acquire() as connection:
        await insert_dead_letters(connection, [row], yard.clock())
    [(letter_id,)] = await yard.rows("SELECT dead_letter_id FROM dead_letters")
    return str(letter_id)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "event.json"
    path.write_bytes(RIGHT)
    return path


def write(file: Path, content: bytes | None) -> None:
    """Give the file another content, or none at all."""
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)


async def replayed(command: Command, wrong: str, file: Path, *more: str) -> tuple[int, Any]:
    return await asyncio.to_thread(command, "dlq", "replay", wrong, "--edit-file", str(file), *more)


async def test_a_dry_run_tells_what_the_edited_letter_would_do_and_writes_nothing(
    yard: Yard, command: Command, queue: Queue, wrong: str, file: Path
) -> None:
    code, told = await replayed(command, wrong, file, "--dry-run", "--json")
    assert code == 0
    assert [(entry["verdict"], entry["reason"]) for entry in told["letters"]] == [("apply", "applied")]
    assert [(moved["sum"], moved["change_minor"]) for moved in told["moved"]] == [("captured_minor", 500)]
    assert await asyncio.to_thread(queue.bodies) == []
    assert await yard.rows(EDITS) == []
    assert await yard.rows("SELECT status FROM dead_letters") == [("open",)]


async def test_the_edited_body_is_sent_the_letter_keeps_its_own_and_the_trail_has_both(
    yard: Yard, command: Command, queue: Queue, wrong: str, file: Path
) -> None:
    options = ("--yes", "--note", "merchant was cut off", "--actor", "ada", "--json")
    code, told = await replayed(command, wrong, file, *options)
    assert (code, told) == (0, {"sent": 1, "failed": []})
    assert await asyncio.to_thread(queue.bodies) == [RIGHT]
    rows = await yard.rows("SELECT status, status_by, body FROM dead_letters")
    assert rows == [("replayed", "operator:ada", WRONG)]
    assert await yard.rows(EDITS) == [
        (WRONG.decode(), RIGHT.decode(), "operator:ada", "merchant was cut off", "p")
    ]
    assert await yard.differences() == []


async def test_it_is_safe_to_repeat(
    yard: Yard, command: Command, queue: Queue, wrong: str, file: Path
) -> None:
    for _ in range(2):
        assert (await replayed(command, wrong, file, "--yes", "--note", "n"))[0] == 0
    assert len(await yard.rows(EDITS)) == 1
    bodies = await asyncio.to_thread(queue.bodies)
    assert [await yard.book(orjson.loads(body)) for body in bodies] == [
        [("apply", "applied")],
        [("duplicate", "event_seen")],
    ]


async def test_another_edit_is_recorded_beside_the_first(
    yard: Yard, command: Command, wrong: str, file: Path
) -> None:
    await replayed(command, wrong, file, "--yes", "--note", "n")
    other = orjson.dumps(captured("p", amount_minor=400))
    write(file, other)
    await replayed(command, wrong, file, "--yes", "--note", "n")
    assert [row[:2] for row in await yard.rows(EDITS)] == [
        (WRONG.decode(), RIGHT.decode()),
        (WRONG.decode(), other.decode()),
    ]


@pytest.mark.parametrize("step", ["send_again", "mark_letters"])
async def test_who_dies_on_the_way_has_recorded_the_edit_and_may_repeat_it(
    yard: Yard,
    command: Command,
    queue: Queue,
    wrong: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    class GoneError(QueueError, StoreError):
        pass

    async def gone(*_arguments: Any, **_options: Any) -> None:
        raise GoneError("gone")

    with monkeypatch.context() as dying:
        dying.setattr(editing, step, gone)
        assert (await replayed(command, wrong, file, "--yes", "--note", "n"))[0] == 3
    assert len(await yard.rows(EDITS)) == 1
    assert await yard.rows("SELECT status FROM dead_letters") == [("open",)]
    assert (await replayed(command, wrong, file, "--yes", "--note", "n"))[0] == 0
    assert len(await yard.rows(EDITS)) == 1
    assert set(await asyncio.to_thread(queue.bodies)) == {RIGHT}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "is no payment event: $"),
        (WRONG, "is no payment event: $.merchant_id"),
        (b"x" * 1_048_577, "more than SQS takes"),
        (None, "can't be read: No such file"),
    ],
)
async def test_a_file_that_is_no_event_is_refused_with_path_and_rule(
    yard: Yard, command: Command, queue: Queue, wrong: str, file: Path, content: bytes | None, told: str
) -> None:
    write(file, content)
    code, text = await replayed(command, wrong, file, "--yes", "--note", "n")
    assert code == 2
    assert told in text
    assert await asyncio.to_thread(queue.bodies) == []
    assert await yard.rows(EDITS) == []


async def test_a_body_that_was_not_edited_is_refused(yard: Yard, command: Command, file: Path) -> None:
    async with yard.pool.acquire() as connection:
        await insert_dead_letters(connection, [letter("m", RIGHT)], yard.clock())
    [(letter_id,)] = await yard.rows("SELECT dead_letter_id FROM dead_letters")
    code, text = await replayed(command, str(letter_id), file, "--yes", "--note", "n")
    assert (code, "replay it without the file" in text) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--yes", "--note", "n"], "name one dead letter by its id"),
        (["1", "2", "--yes", "--note", "n"], "name one dead letter by its id"),
        (["1", "--class", "malformed", "--yes", "--note", "n"], "name one dead letter by its id"),
        (["1", "--all", "--yes", "--note", "n"], "name one dead letter by its id"),
        (["1", "--note", "n"], "nobody is there to ask"),
        (["1", "--yes"], "--note must say why"),
        (["999", "--yes", "--note", "n"], "there is no dead letter 999"),
    ],
)
async def test_what_is_asked_must_be_clear(
    yard: Yard, command: Command, file: Path, arguments: list[str], told: str
) -> None:
    code, text = await asyncio.to_thread(command, "dlq", "replay", *arguments, "--edit-file", str(file))
    assert code == 2
    assert told in text


async def test_the_page_of_the_letter_has_the_edit_and_gives_its_body_as_a_file_to_edit(
    yard: Yard,
    command: Command,
    wrong: str,
    file: Path,
) -> None:
    await replayed(command, wrong, file, "--yes", "--note", "n")
    _, shown = await asyncio.to_thread(command, "dlq", "show", wrong, "--json")
    edited = [action for action in shown["actions"] if action["action"] == "dead_letter.edited"]
    assert edited[0]["details"]["after"] == RIGHT.decode()
    _, text = await asyncio.to_thread(command, "dlq", "show", wrong)
    assert "edited by" in text
    assert "(--json has both bodies)" in text
    code, body = await asyncio.to_thread(command, "dlq", "show", wrong, "--body")
    assert (code, body) == (0, orjson.loads(WRONG))
