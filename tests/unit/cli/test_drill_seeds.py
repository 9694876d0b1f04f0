"""Seeds on the command line: one, several, a span; nonsense is refused with the rule."""

from __future__ import annotations

import pytest
from payflow.cli import run
from payflow.cli.drill import seeds_of
from payflow.cli.exits import Exit
from payflow.errors import SettingsInvalid


@pytest.mark.parametrize(
    ("text", "seeds"), [("7", [7]), ("3,5,8", [3, 5, 8]), ("1..4", [1, 2, 3, 4]), ("6..6", [6])]
)
def test_seeds_are_one_several_or_a_span(text: str, seeds: list[int]) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "many", "1..", "4..1", "1..100000000", "-3", "1,,2"])
def test_seeds_that_make_no_sense_are_refused_with_the_rule(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="--seeds: must be"):
        seeds_of(text)


def test_one_data_directory_takes_the_drill_of_one_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["drill", "--seeds", "1..2", "--data-dir", "/nowhere"]) == Exit.USAGE
    assert "--data-dir: takes the drill of one seed" in capsys.readouterr().err
