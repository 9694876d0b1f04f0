"""docs/events.md says what the code does."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from payflow.decoding import Decoder, Reason
from payflow.decoding.rules import RULES
from payflow.events import ISO_4217_EXPONENTS, EventType, Sources

PAGE = (Path(__file__).parents[3] / "docs" / "events.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _first_cells(title: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", _section(title), re.MULTILINE)


def test_the_example_is_an_event() -> None:
    example = PAGE.split("```json\n")[1].split("```")[0]
    decoder = Decoder(Sources.load(), lambda: datetime(2026, 11, 23, tzinfo=UTC))
    assert decoder.decode([example.encode()]).malformed == []


def test_every_field_has_a_row() -> None:
    assert sorted(_first_cells("Fields")) == sorted(RULES)


def test_every_type_is_listed() -> None:
    listed = re.findall(r"`([a-z]+\.[a-z_]+)`", _section("Types"))
    assert listed == list(get_args(EventType))


def test_every_reason_has_a_row() -> None:
    assert _first_cells("Malformed") == list(Reason)


def test_the_packaged_sources_are_those_of_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) days \| (yes|no) \| (.*)\|$", _section("Sources"), re.MULTILINE)
    sources = Sources.load()
    assert {row[0] for row in rows} == sources.profiles.keys()
    for name, days, adjustable, exponents in rows:
        profile = sources.profile(name)
        assert profile.retry_horizon_s == int(days) * 86_400
        assert profile.adjustable == (adjustable == "yes")
        differing = {
            code: exponent
            for code, exponent in profile.exponents.items()
            if ISO_4217_EXPONENTS[code] != exponent
        }
        assert dict(re.findall(r"([A-Z]{3}) (\d)", exponents)) == {
            code: str(exponent) for code, exponent in differing.items()
        }
