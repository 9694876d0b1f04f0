"""Shows the figures: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from payflow.cli.output import print_line

if TYPE_CHECKING:
    from payflow.cli.up.figures import Figures
    from payflow.intake.queues import QueueDepths

LINE_INTERVAL_S = 5.0
TABLE_INTERVAL_S = 0.5

_BARS = " ▁▂▃▄▅▆▇█"
_CURVE_WIDTH = 30
# Verdicts in the order of the payment machine, then whatever else the worker counts.
_VERDICTS = ("apply", "duplicate", "stale", "premature", "conflict", "impossible", "malformed")
_ALARMING = frozenset({"conflict", "impossible", "malformed"})


class View(Protocol):
    """One way to show what goes on."""

    interval_s: float

    def say(self, text: str) -> None:
        """Tell one step of the start or the stop."""

    def ready(self, places: dict[str, str]) -> None:
        """Tell that everything runs, and where."""

    def show(self, figures: Figures) -> None:
        """Show the latest figures."""

    def close(self) -> None:
        """Leave the last figures standing, and the terminal as it was."""


def view_for_output() -> View:
    """Choose by what standard output is."""
    return TableView(Console()) if sys.stdout.isatty() else LineView()


class LineView:
    """One plain `ready` line, then a status line every few seconds."""

    interval_s = LINE_INTERVAL_S

    def say(self, text: str) -> None:
        """Print the step."""
        print_line(text)

    def ready(self, places: dict[str, str]) -> None:
        """Print the line that scripts wait for."""
        print_line("ready " + " ".join(f"{name.lower()}={place}" for name, place in places.items()))

    def show(self, figures: Figures) -> None:
        """Print one status line."""
        print_line(status_line(figures))

    def close(self) -> None:
        """Nothing is left to be done."""


class TableView:
    """A table that is drawn anew in its place."""

    interval_s = TABLE_INTERVAL_S

    def __init__(self, console: Console) -> None:
        self._console = console
        self._places: dict[str, str] = {}
        self._live: Live | None = None

    def say(self, text: str) -> None:
        """Print the step above the table."""
        self._console.print(Text(text, style="dim"))

    def ready(self, places: dict[str, str]) -> None:
        """Begin the table."""
        self._places = places
        self._live = Live(console=self._console, auto_refresh=False, vertical_overflow="crop")
        self._live.start()

    def show(self, figures: Figures) -> None:
        """Draw the table."""
        if self._live is not None:
            self._live.update(table(figures, self._places), refresh=True)

    def close(self) -> None:
        """End the table; its last state stays on the screen."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def status_line(figures: Figures) -> str:
    """Give the figures as one line of `key=value`."""
    parts = [
        f"{clock(figures.running_s)} in={figures.received_per_s:.0f}/s applied={figures.applied_per_s:.0f}/s",
        *(f"{name}={count}" for name, count in ordered(figures.verdicts)),
        *(f"lag_{name}_ms={value:.1f}" for name, value in figures.lag_ms.items()),
        f"in_hand={figures.in_hand}",
        *_backlog_parts("backlog", figures.backlog),
        *_backlog_parts("dead_letters", figures.dead_letters),
        *(f"errors_{name}={count}" for name, count in figures.errors.items() if name != "errors"),
        f"errors={error_total(figures)}",
    ]
    if figures.fed is not None:
        parts.append(f"fed={figures.fed}")
    return " ".join(parts)


def table(figures: Figures, places: dict[str, str]) -> Panel:
    """Give the figures as a panel of rows."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="bold", no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_row("Rate", _rates(figures))
    rows.add_row("Applied", Text(curve(list(figures.applied_history)), style="green"))
    rows.add_row("Verdicts", _verdicts(figures))
    rows.add_row("Lag", _lag(figures))
    rows.add_row("Backlog", _backlog(figures))
    rows.add_row("Fleet", Text(figures.fleet, "dim" if figures.fleet == "running" else "yellow"))
    rows.add_row("Errors", _errors(figures))
    where = Table.grid(padding=(0, 2))
    where.add_column(style="dim", no_wrap=True)
    where.add_column(style="dim", overflow="fold")
    for name, place in places.items():
        where.add_row(name, place)
    return Panel(
        Group(rows, "", where),
        title=f"[bold]PayFlow[/] · {clock(figures.running_s)}",
        subtitle="Ctrl-C stops",
        title_align="left",
        subtitle_align="left",
        border_style="cyan",
    )


def ordered(verdicts: dict[str, int]) -> list[tuple[str, int]]:
    """Give verdict counts in the order of the payment machine, unknown ones last."""
    known = [(name, verdicts[name]) for name in _VERDICTS if name in verdicts]
    return known + sorted((name, count) for name, count in verdicts.items() if name not in _VERDICTS)


def curve(values: list[float]) -> str:
    """Draw values as a row of bars, the last one to the right."""
    values = values[-_CURVE_WIDTH:]
    highest = max(values, default=0.0)
    if highest <= 0:
        return "·" * len(values)
    return "".join(
        _BARS[max(1, round(value / highest * (len(_BARS) - 1)))] if value else " " for value in values
    )


def clock(seconds: int) -> str:
    """Give seconds as hours, minutes and seconds."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def error_total(figures: Figures) -> int:
    """Count the errors of worker and feeder."""
    return sum(figures.errors.values()) + figures.feed_failed


def _rates(figures: Figures) -> Text:
    text = Text.assemble(
        (f"{figures.received_per_s:,.0f}", "bold cyan"),
        " in/s   ",
        (f"{figures.applied_per_s:,.0f}", "bold green"),
        " applied/s   ",
        f"{figures.in_hand:,} in hand",
    )
    if figures.fed is not None:
        text.append(f"   {figures.fed:,} fed")
    return text


def _verdicts(figures: Figures) -> Text:
    text = Text()
    for name, count in ordered(figures.verdicts):
        style = "yellow" if name in _ALARMING and count else ""
        text.append(f"{name} ", "dim").append(f"{count:,}   ", style)
    return text or Text("none yet", "dim")


def _lag(figures: Figures) -> Text:
    parts = [f"{name} {value:,.1f} ms" for name, value in figures.lag_ms.items()]
    return Text("   ".join(parts)) if parts else Text("no event yet", "dim")


def _backlog(figures: Figures) -> Text:
    if figures.backlog is None:
        return Text("not known", "dim")
    backlog = figures.backlog
    text = Text(
        f"{backlog.visible:,} waiting   {backlog.in_flight:,} in flight   {backlog.delayed:,} delayed"
    )
    if figures.dead_letters is not None:
        dead = figures.dead_letters.visible
        text.append(f"   {dead:,} dead letters", "yellow" if dead else "")
    return text


def _errors(figures: Figures) -> Text:
    total = error_total(figures)
    if not total:
        return Text("none", "green")
    named = [f"{name} {count:,}" for name, count in figures.errors.items() if count and name != "errors"]
    if figures.feed_failed:
        named.append(f"demo feeder {figures.feed_failed:,}")
    return Text(f"{total:,}   " + "   ".join(named), "bold red")


def _backlog_parts(name: str, backlog: QueueDepths | None) -> list[str]:
    return [] if backlog is None else [f"{name}={backlog.visible}"]
