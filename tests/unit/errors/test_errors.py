from collections.abc import Iterator

import pytest
from payflow import errors
from payflow.errors import Fate, MalformedEvent, PayFlowError, SettingsInvalid


def _tree(of: type[PayFlowError] = PayFlowError) -> Iterator[type[PayFlowError]]:
    yield of
    for child in of.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


TREE = list(_tree())
LEAVES = [error for error in TREE if not error.__subclasses__()]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_leaf_has_a_fate(leaf: type[PayFlowError]) -> None:
    assert isinstance(leaf.fate, Fate)


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_the_drawing_has_every_error_with_its_fate(error: type[PayFlowError]) -> None:
    drawing = errors.__doc__ or ""
    lines = [line for line in drawing.splitlines() if error.__name__ in line.split()]
    assert len(lines) == 1
    if error in LEAVES:
        assert error.fate in lines[0].split()


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_every_error_is_exported_and_explained(error: type[PayFlowError]) -> None:
    assert error.__name__ in errors.__all__
    assert error.__doc__


def test_invalid_settings_list_every_problem() -> None:
    error = SettingsInvalid(["a: must be 1", "b: must be 2"])
    assert error.problems == ("a: must be 1", "b: must be 2")
    assert str(error) == "a: must be 1\nb: must be 2"


def test_a_malformed_event_says_reason_path_and_rule() -> None:
    error = MalformedEvent("invalid_amount", "$.amount.value", "amount.value must be positive")
    assert str(error) == "invalid_amount at $.amount.value: amount.value must be positive"
