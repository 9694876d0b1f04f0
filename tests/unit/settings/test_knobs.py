"""Each knob explains itself, and its default obeys its own rule."""

from __future__ import annotations

import pytest
from payflow.settings import KnobSpec, specs

ALL = pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.variable)


@ALL
def test_a_knob_says_its_purpose_in_one_sentence(spec: KnobSpec) -> None:
    assert spec.purpose[0].isupper()
    assert spec.purpose.endswith(".")


@ALL
def test_the_default_is_allowed(spec: KnobSpec) -> None:
    if spec.default is not None:
        assert spec.parse(str(spec.default)) == spec.default


@ALL
def test_a_number_has_both_bounds(spec: KnobSpec) -> None:
    if spec.kind in {int, float}:
        assert spec.minimum is not None
        assert spec.maximum is not None


@ALL
def test_a_knob_that_may_be_unset_says_what_that_means(spec: KnobSpec) -> None:
    if spec.optional:
        assert spec.special is not None
        assert spec.special.startswith("unset: ")
        assert spec.parse("") is None


@ALL
def test_a_time_or_a_size_names_its_unit(spec: KnobSpec) -> None:
    if any(word in spec.name for word in ("time", "delay", "deadline", "age", "memory", "buffers")):
        assert spec.unit


def test_no_two_knobs_share_a_variable() -> None:
    variables = [spec.variable for spec in specs()]
    assert len(variables) == len(set(variables))
