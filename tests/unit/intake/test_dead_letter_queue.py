"""Replays are cut into calls that SQS takes."""

from __future__ import annotations

from payflow.intake.dead_letter_queue import calls_of

LARGE = 700 * 1_024


def sizes(*lengths: int, letters_max: int = 10) -> list[int]:
    letters = [(place, b"x" * length) for place, length in enumerate(lengths)]
    runs = list(calls_of(letters, letters_max))
    assert [letter for run in runs for letter in run] == letters
    return [len(run) for run in runs]


def test_ten_letters_fit_one_call() -> None:
    assert sizes(*[10] * 23) == [10, 10, 3]


def test_a_rate_below_ten_a_second_sends_fewer_at_a_time() -> None:
    assert sizes(*[10] * 5, letters_max=2) == [2, 2, 1]


def test_letters_that_together_pass_one_mebibyte_go_apart() -> None:
    assert sizes(LARGE, LARGE, 10, 10) == [1, 3]


def test_a_letter_at_the_limit_still_goes() -> None:
    assert sizes(10, 1_048_576, 10) == [1, 1, 1]


def test_nothing_makes_no_call() -> None:
    assert sizes() == []
