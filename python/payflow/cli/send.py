"""`payflow send`: JSON lines to the queue."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import cyclopts
from cyclopts import Parameter

from payflow.cli.exits import Exit
from payflow.cli.output import AsJson, print_json
from payflow.cli.send_lines import Tally, send_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payflow.decoding import Decoder

app = cyclopts.App(name="send")


@app.default
def send(
    files: Annotated[list[str], Parameter(help="Files of JSON lines; - is standard input.")],
    /,
    *,
    check: Annotated[
        bool, Parameter(negative="--no-check", help="Decode each line first, and send only payment events.")
    ] = True,
    as_json: AsJson = False,
) -> int:
    """Send each line of the files as one message to the queue.

    Lines that are no payment events are not sent but listed with their numbers and the rule that they break;
    --no-check sends every line as it is. Exit code 1 says that lines were rejected.
    """
    from payflow.cli.sending import open_sender, queue_url  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    missing = [name for name in files if name != "-" and not Path(name).is_file()]
    if missing:
        sys.stderr.write(
            f"{', '.join(missing)}: no such file\nNext: name files of JSON lines, or - for stdin\n"
        )
        return Exit.USAGE
    settings = load()
    decoder = _decoder(settings.events.sources_file) if check else None
    sender = open_sender(settings, asyncio.run(queue_url(settings)))
    tally, began_s = Tally(), time.monotonic()
    with _progress(files) as advance:
        for name in files:
            with _opened(name) as stream:
                send_lines(name, stream, sender, decoder, tally, advance)
    report(tally, time.monotonic() - began_s, as_json=as_json)
    return Exit.DIFFERENCES if tally.rejected else Exit.OK


def report(tally: Tally, elapsed_s: float, *, as_json: bool) -> None:
    """Print what became of the lines: the sum on standard output, rejects on standard error."""
    per_s = tally.sent / elapsed_s if elapsed_s > 0 else 0.0
    if as_json:
        print_json({**asdict(tally), "elapsed_s": round(elapsed_s, 3), "sent_per_s": round(per_s, 1)})
        return
    for reject in tally.rejects:
        sys.stderr.write(f"{reject.file}:{reject.line}: {reject.reason}\n")
    if tally.rejected > len(tally.rejects):
        sys.stderr.write(f"... and {tally.rejected - len(tally.rejects)} more\n")
    sys.stdout.write(
        f"sent {tally.sent:,} in {elapsed_s:.1f} s ({per_s:,.0f}/s), rejected {tally.rejected:,}\n"
    )


def _decoder(sources_file: Path | None) -> Decoder:
    from payflow.decoding import Decoder  # noqa: PLC0415
    from payflow.events import Sources  # noqa: PLC0415

    return Decoder(Sources.load(sources_file), lambda: datetime.now(UTC))


@contextlib.contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
    else:
        with Path(name).open("rb") as stream:
            yield stream


@contextlib.contextmanager
def _progress(files: list[str]) -> Iterator[Callable[[int], None]]:
    """Show a bar with the rate while standard error is a terminal; give what moves it on by bytes."""
    if not sys.stderr.isatty():
        yield lambda _bytes: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    total = None if "-" in files else sum(Path(name).stat().st_size for name in files)
    with Progress("Sending", *columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        yield lambda size_bytes: progress.advance(task, size_bytes)
