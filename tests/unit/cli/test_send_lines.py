"""Lines are sent in order and in chunks; what is refused is named by its line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from payflow.cli.send_lines import CHUNK_LINES, LINE_BYTES_MAX, REJECTS_LISTED_MAX, Tally, send_lines

if TYPE_CHECKING:
    from collections.abc import Sequence


class Recorder:
    """Keeps what was sent, and refuses bodies that say so."""

    def __init__(self) -> None:
        self.calls: list[list[bytes]] = []

    def send(self, bodies: Sequence[bytes], /) -> list[tuple[int, str]]:
        self.calls.append(list(bodies))
        return [(position, "too big") for position, body in enumerate(bodies) if body == b"refuse"]


def sent(text: bytes) -> tuple[Recorder, Tally, list[int]]:
    recorder, tally, done_bytes = Recorder(), Tally(), list[int]()
    send_lines("f.jsonl", io.BytesIO(text), recorder, None, tally, done_bytes.append)
    return recorder, tally, done_bytes


def test_each_line_is_one_message_and_blank_lines_are_passed_over() -> None:
    recorder, tally, _ = sent(b"a\n\n  \nb\r\nc")
    assert recorder.calls == [[b"a", b"b", b"c"]]
    assert (tally.sent, tally.rejected) == (3, 0)


def test_a_refused_line_is_named_by_its_number_in_the_file() -> None:
    _, tally, _ = sent(b"a\n\nrefuse\nb\n")
    assert [(reject.file, reject.line) for reject in tally.rejects] == [("f.jsonl", 3)]
    assert "too big" in tally.rejects[0].reason
    assert (tally.sent, tally.rejected) == (2, 1)


def test_long_input_goes_out_in_chunks() -> None:
    recorder, tally, done_bytes = sent(b"x\n" * (CHUNK_LINES * 2 + 1))
    assert [len(call) for call in recorder.calls] == [CHUNK_LINES, CHUNK_LINES, 1]
    assert tally.sent == CHUNK_LINES * 2 + 1
    assert sum(done_bytes) == 2 * tally.sent


def test_an_endless_line_is_cut_where_it_can_be_refused_and_its_rest_is_no_line_of_its_own() -> None:
    recorder, _, _ = sent(b"y" * (LINE_BYTES_MAX * 3) + b"\nnext\n")
    ((cut, following),) = recorder.calls
    assert len(cut) == LINE_BYTES_MAX + 1
    assert following == b"next"


def test_rejects_are_kept_up_to_a_bound_and_counted_past_it() -> None:
    _, tally, _ = sent(b"refuse\n" * (REJECTS_LISTED_MAX + 5))
    assert (len(tally.rejects), tally.rejected) == (REJECTS_LISTED_MAX, REJECTS_LISTED_MAX + 5)


@pytest.mark.parametrize("checked", [True, False])
def test_lines_that_are_no_events_are_held_back_only_when_checked(checked: bool) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from payflow.decoding import Decoder  # noqa: PLC0415
    from payflow.events import Sources  # noqa: PLC0415

    decoder = Decoder(Sources.load(), lambda: datetime(2026, 1, 1, tzinfo=UTC)) if checked else None
    recorder, tally = Recorder(), Tally()
    send_lines("-", io.BytesIO(b"not json\n"), recorder, decoder, tally, lambda _: None)
    assert (tally.sent, tally.rejected) == ((0, 1) if checked else (1, 0))
    if checked:
        assert tally.rejects[0].line == 1
        assert "$" in tally.rejects[0].reason
