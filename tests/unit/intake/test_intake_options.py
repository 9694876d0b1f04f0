"""Every knob of the intake is checked, and all mistakes are named at once."""

from __future__ import annotations

from typing import Any

import pytest
from payflow.intake import IntakeOptions


def test_defaults_are_valid() -> None:
    assert IntakeOptions(queue_url="https://sqs.eu-west-1.amazonaws.com/1/q").batch_size_max == 500


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("lanes", 0),
        ("batch_size_max", 0),
        ("batch_age_max_ms", -1),
        ("polls_max", 257),
        ("in_flight_max", 9),
        ("visibility_timeout_s", 1),
        ("visibility_timeout_s", 43_201),
        ("wait_time_s", 21),
        ("extension_total_max_s", 43_201),
        ("call_timeout_s", float("nan")),
        ("endpoint_url", "localhost:9324"),
        ("dead_letter_queue_url", "arn:aws:sqs:eu-west-1:1:q"),
    ],
)
def test_a_value_out_of_range_is_named(knob: str, value: object) -> None:
    knobs: dict[str, Any] = {"queue_url": "http://127.0.0.1/q", knob: value}
    with pytest.raises(ValueError, match=f"^{knob}: must "):
        IntakeOptions(**knobs)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"lanes: .*; polls_max: .*; queue_url: "):
        IntakeOptions(queue_url="q", lanes=0, polls_max=0)
