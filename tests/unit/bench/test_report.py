"""The page of benchmarks: its places are filled, and its plots are drawings."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from benchmarks.report import filled
from benchmarks.svg import Bar, bars, line


def test_a_place_is_filled_anew_each_time() -> None:
    page = "above\n<!-- runs -->\n<!-- /runs -->\nbelow\n"
    once = filled(page, {"runs": "| a |"})
    assert once == "above\n<!-- runs -->\n| a |\n<!-- /runs -->\nbelow\n"
    assert filled(once, {"runs": "| b |"}) == "above\n<!-- runs -->\n| b |\n<!-- /runs -->\nbelow\n"


def test_a_page_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for runs"):
        filled("nothing here", {"runs": "| a |"})


def test_each_part_of_a_bar_is_drawn_as_long_as_it_is() -> None:
    drawn = ET.fromstring(bars("title", "µs", [Bar("row", {"one": 30.0, "two": 10.0})]))  # noqa: S314 - our own
    boxes = [box for box in drawn.iter("{http://www.w3.org/2000/svg}rect") if box.get("height") == "22.0"]
    widths = [float(box.attrib["width"]) for box in boxes]
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.2)


def test_text_can_not_break_a_drawing() -> None:
    rows = [Bar("<&>", {"a": 1.0})]
    ET.fromstring(bars("<&>", "<", rows, bar_at=2.0, bar_says="&"))  # noqa: S314 - our own drawing
    ET.fromstring(line("<&>", "s", "&", [(0.0, 1.0), (1.0, 2.0)], 3.0, "<"))  # noqa: S314
