"""A dead letter always fits SQS, whatever it says about itself."""

from __future__ import annotations

from payflow.intake import DeadLetter
from payflow.intake.letters import attributes_of, runs_of


def letter(*, size: int = 1, reason: str = "r", token: int = 1) -> DeadLetter:
    return DeadLetter(token=token, body=b"x" * size, klass="malformed", reason=reason)


def test_empty_attributes_are_left_out() -> None:
    assert attributes_of(letter()) == {"payflow_class": "malformed", "payflow_reason": "r"}


def test_a_long_reason_is_cut_and_its_control_characters_replaced() -> None:
    reason = attributes_of(letter(reason="a\x00\ud800\tb" + "c" * 1_000))["payflow_reason"]
    assert reason.startswith("a\ufffd\ufffd\tbccc")
    assert len(reason) == 512


def test_a_message_at_the_size_limit_goes_without_attributes() -> None:
    assert attributes_of(letter(size=1_048_576)) == {}
    assert attributes_of(letter(size=1_048_576 - 1_000)) != {}


def test_runs_hold_ten_letters_or_one_mebibyte_in_order() -> None:
    letters = [letter(token=token) for token in range(23)]
    runs = list(runs_of(letters))
    assert [len(run) for run in runs] == [10, 10, 3]
    assert [each for run in runs for each in run] == letters
    big = [letter(size=1_048_576), letter(), letter(size=600_000), letter(size=600_000)]
    assert [len(run) for run in runs_of(big)] == [1, 2, 1]
    assert list(runs_of([])) == []
