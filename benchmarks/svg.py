"""Draws the two kinds of plots that docs/benchmarks.md needs, as SVG, with the standard library alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

COLOURS = ("#4269d0", "#efb118", "#3ca951", "#a463f2", "#ff725c")
"""Told apart by people who don't see all colours, too; in the order of the legend."""

_INK, _FAINT, _GRID = "#1f2430", "#5b6272", "#d9dde5"
_WIDTH, _LEFT, _RIGHT = 760, 210, 90
_ROW, _BAR = 34, 22
_PLOT_HEIGHT = 240
_TICKS = 5


@dataclass(frozen=True)
class Bar:
    """One row: parts that add up, each with the name that the legend gives it."""

    label: str
    parts: dict[str, float]

    @property
    def total(self) -> float:
        """The row's length."""
        return sum(self.parts.values())


@dataclass
class _Drawing:
    height: int
    title: str
    lines: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, bold: bool = False
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        colour = _INK if bold else _FAINT
        self.lines.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
            f"{weight}>{escape(text)}</text>"
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.lines.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" '
            f'fill="{colour}"/>'
        )

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: str = _GRID, dash: str = "") -> None:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.lines.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashes}/>'
        )

    def svg(self) -> str:
        body = "\n".join(self.lines)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {self.height}" role="img" '
            f'font-family="system-ui, sans-serif"><title>{escape(self.title)}</title>\n'
            f'<rect width="{_WIDTH}" height="{self.height}" fill="#ffffff"/>\n{body}\n</svg>\n'
        )


def bars(title: str, unit: str, rows: list[Bar], *, bar_at: float | None = None, bar_says: str = "") -> str:
    """Draw rows of stacked bars; `bar_at` is the figure that had to be reached, named by `bar_says`."""
    names = list(dict.fromkeys(name for row in rows for name in row.parts))
    top = 74 if len(names) > 1 else 48
    drawing = _Drawing(top + _ROW * len(rows) + 40, title)
    drawing.text(16, 24, title, size=15, bold=True)
    if len(names) > 1:
        _legend(drawing, names)
    most = max([row.total for row in rows] + [bar_at or 0.0]) * 1.02
    bottom = top + _ROW * len(rows)
    wide = _WIDTH - _LEFT - _RIGHT
    for tick in _ticks(most):
        x = _LEFT + tick / most * wide
        drawing.rule(x, top, x, bottom)
        drawing.text(x, bottom + 16, f"{tick:,.10g}", anchor="middle", size=11)
    drawing.text(_WIDTH - _RIGHT + 8, bottom + 16, unit, size=11)
    for index, row in enumerate(rows):
        y, x = top + _ROW * index + (_ROW - _BAR) / 2, float(_LEFT)
        drawing.text(_LEFT - 10, y + 15, row.label, anchor="end")
        for name, value in row.parts.items():
            width = value / most * wide
            drawing.box(x, y, width, _BAR, COLOURS[names.index(name) % len(COLOURS)])
            x += width
        drawing.text(x + 6, y + 15, _number(row.total), bold=True)
    if bar_at is not None:
        x = _LEFT + bar_at / most * wide
        drawing.rule(x, top - 6, x, bottom, _INK, "4 3")
        drawing.text(x, bottom + 32, bar_says, anchor="middle", size=11)
    return drawing.svg()


def line(
    title: str, x_unit: str, y_unit: str, points: list[tuple[float, float]], bar_at: float, bar_says: str
) -> str:
    """Draw one curve over time, from zero, with the figure that it must stay under."""
    left, top, height = 60, 64, _PLOT_HEIGHT
    wide, bottom = _WIDTH - left - 40, top + height
    drawing = _Drawing(bottom + 40, title)
    drawing.text(16, 24, title, size=15, bold=True)
    x_most, y_most = max(x for x, _ in points), max([y for _, y in points] + [bar_at]) * 1.1
    for tick in _ticks(y_most):
        y = bottom - tick / y_most * height
        drawing.rule(left, y, left + wide, y)
        drawing.text(left - 8, y + 4, f"{tick:,.10g}", anchor="end", size=11)
    for tick in _ticks(x_most):
        drawing.text(left + tick / x_most * wide, bottom + 16, f"{tick:,.10g}", anchor="middle", size=11)
    drawing.text(left, top - 8, y_unit, size=11)
    drawing.text(left + wide, bottom + 32, x_unit, anchor="end", size=11)
    y = bottom - bar_at / y_most * height
    drawing.rule(left, y, left + wide, y, _INK, "4 3")
    drawing.text(left + wide, y - 6, bar_says, anchor="end", size=11)
    path = " ".join(f"{left + x / x_most * wide:.1f},{bottom - y / y_most * height:.1f}" for x, y in points)
    drawing.lines.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[0]}" stroke-width="2"/>')
    return drawing.svg()


def _legend(drawing: _Drawing, names: list[str]) -> None:
    x = float(_LEFT)
    for index, name in enumerate(names):
        drawing.box(x, 42, 12, 12, COLOURS[index % len(COLOURS)])
        drawing.text(x + 18, 52, name)
        x += 40 + 7 * len(name)


def _ticks(most: float) -> list[float]:
    """Give round values from zero up to `most`, about five of them."""
    step = 10.0 ** len(str(int(most)))
    while most / step < _TICKS - 1:
        step /= 2 if str(step).lstrip("0.").startswith(("1", "2")) else 2.5
    return [index * step for index in range(int(most / step) + 1)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"  # noqa: PLR2004 - three digits say enough
