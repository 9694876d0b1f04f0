"""The lines of `payflow send`: read within bounds, checked, sent in chunks, counted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payflow.cli.sending import Sender
    from payflow.decoding import Decoder

CHUNK_LINES = 1_000
LINE_BYTES_MAX = 1024 * 1024
"""What SQS carries. A longer line is cut to one byte more, which is enough to be refused."""
REJECTS_LISTED_MAX = 1_000
"""Rejects that are kept to be listed; more are only counted."""


@dataclass(frozen=True)
class Reject:
    """A line that was not sent, or that the queue refused."""

    file: str
    line: int
    reason: str


@dataclass
class Tally:
    """What became of the lines."""

    sent: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def reject(self, reject: Reject) -> None:
        """Count a line, and keep it if there is room."""
        self.rejected += 1
        if len(self.rejects) < REJECTS_LISTED_MAX:
            self.rejects.append(reject)


def send_lines(
    name: str,
    stream: BinaryIO,
    sender: Sender,
    decoder: Decoder | None,
    tally: Tally,
    advance: Callable[[int], None],
) -> None:
    """Send the lines of one file in chunks; blank lines are passed over.

    Args:
        name: the file, as rejects name it.
        stream: its lines.
        sender: where they go.
        decoder: what tells payment events; none sends all lines.
        tally: what became of them.
        advance: told the bytes of each chunk when it is done.

    """
    for chunk in _chunks(_bodies(stream)):
        good = chunk
        if decoder is not None:
            malformed = decoder.decode([body for _, body in chunk]).malformed
            for fault in malformed:
                reason = f"{fault.reason} at {fault.path}: {fault.rule}"
                tally.reject(Reject(name, chunk[fault.index][0], reason))
            bad = {fault.index for fault in malformed}
            good = [line for index, line in enumerate(chunk) if index not in bad]
        failures = sender.send([body for _, body in good])
        for index, reason in failures:
            tally.reject(Reject(name, good[index][0], f"the queue refused it: {reason}"))
        tally.sent += len(good) - len(failures)
        advance(sum(len(body) + 1 for _, body in chunk))


def _chunks(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    while chunk := list(itertools.islice(lines, CHUNK_LINES)):
        yield chunk


def _bodies(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Give each line that isn't blank with its number."""
    for number in itertools.count(1):
        line = stream.readline(LINE_BYTES_MAX + 1)
        if not line:
            return
        rest = line
        while len(rest) > LINE_BYTES_MAX and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_BYTES_MAX + 1)
        if body := line.strip():
            yield number, body
