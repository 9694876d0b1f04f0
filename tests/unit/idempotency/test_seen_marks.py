"""What the marks make of answers that no server of ours gives, and when they ask again."""

import asyncio
from typing import Any

import pytest
from payflow.idempotency import SeenMarks, SeenOptions
from redis.exceptions import ReadOnlyError, RedisError

KEYS = [b"pf:{0}:a", b"pf:{1}:b"]
FINGERPRINTS = [b"a" * 16, b"b" * 16]


class Server:
    """Gives the answer that the test puts in, and counts how often it was asked."""

    def __init__(self) -> None:
        self.answer: Any = b"\0\0"
        self.calls = 0

    async def evalsha(self, *_arguments: Any) -> Any:
        self.calls += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def now_s() -> list[float]:
    return [0.0]


@pytest.fixture
def marks(server: Server, now_s: list[float]) -> SeenMarks:
    return SeenMarks(server, SeenOptions(hold_off_s=1.0), lambda: now_s[0])  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [None, 2, b"", b"\1", b"\1\1\1", b"\1\2", "\1\1", [1, 1], b"OK"])
async def test_an_answer_that_makes_no_sense_is_no_knowledge(
    marks: SeenMarks, server: Server, answer: Any
) -> None:
    server.answer = answer
    assert await marks.unseen(KEYS, FINGERPRINTS) == [0, 1]
    assert marks.stats().failures["garbage"] == 1


@pytest.mark.parametrize("answer", [None, 1, 3, b"2", b"OK"])
async def test_a_confirmation_that_makes_no_sense_counts_as_not_marked(
    marks: SeenMarks, server: Server, answer: Any
) -> None:
    server.answer = answer
    await marks.mark(KEYS, FINGERPRINTS)
    assert (marks.stats().marked, marks.stats().failures["garbage"]) == (0, 1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), "deadline"),
        (ConnectionResetError(), "connection"),
        (RedisError("?"), "other"),
        (RuntimeError("event loop is closed"), "other"),
        (ZeroDivisionError(), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_an_error_of_any_kind_is_no_knowledge(
    marks: SeenMarks, server: Server, error: Exception, kind: str
) -> None:
    server.answer = error
    assert await marks.unseen(KEYS, FINGERPRINTS) == [0, 1]
    await marks.mark(KEYS, FINGERPRINTS)
    assert marks.stats().failures[kind] == 1


async def test_after_a_failure_the_server_is_left_alone_for_the_hold_off(
    marks: SeenMarks, server: Server, now_s: list[float]
) -> None:
    server.answer = ConnectionResetError()
    await marks.unseen(KEYS, FINGERPRINTS)
    server.answer = b"\1\0"
    now_s[0] = 0.999
    assert await marks.unseen(KEYS, FINGERPRINTS) == [0, 1]
    await marks.mark(KEYS, FINGERPRINTS)
    assert (server.calls, marks.stats().held_off_calls) == (1, 2)
    now_s[0] = 1.0
    assert await marks.unseen(KEYS, FINGERPRINTS) == [1]
    assert server.calls == 2


async def test_a_server_that_refuses_to_write_is_still_asked(marks: SeenMarks, server: Server) -> None:
    server.answer = ReadOnlyError("You can't write against a read only replica.")
    await marks.mark(KEYS, FINGERPRINTS)
    await marks.mark(KEYS, FINGERPRINTS)
    server.answer = b"\1\1"
    assert await marks.unseen(KEYS, FINGERPRINTS) == []
    assert server.calls == 2


async def test_a_cancelled_batch_stays_cancelled(marks: SeenMarks, server: Server) -> None:
    server.answer = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await marks.unseen(KEYS, FINGERPRINTS)


async def test_keys_and_fingerprints_must_come_in_pairs(marks: SeenMarks) -> None:
    with pytest.raises(ValueError, match="2 keys, 1 fingerprints"):
        await marks.unseen(KEYS, FINGERPRINTS[:1])


async def test_the_counts_given_out_do_not_change(marks: SeenMarks, server: Server) -> None:
    before = marks.stats()
    server.answer = None
    await marks.unseen(KEYS, FINGERPRINTS)
    assert (before.checked, before.failures["garbage"]) == (0, 0)
