"""Errors all over PayFlow: each of them has a fate, or is listed here with what it is instead."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import payflow
import pytest
from payflow.errors import Fate, PayFlowError

if TYPE_CHECKING:
    from types import ModuleType

NO_ERRORS_OF_WORK = {
    "RulesRefusedError": "a rule set that doesn't compile; the set before it stays in force",
    "RulesRefused": "the same, told to people",
    "LedgerRaced": "the batch is run again at once, within a bound",
    "PartEnded": "the end of a command",
    "EditRefused": "a file that can't be sent in place of a dead letter; nothing was done",
    "Stopped": "a replay that was asked to end",
    "OrderRefused": "an operator's order that breaks its rule",
    "NotAnEvent": "a command that can't be written as an event",
    "ProviderFailed": "an answer to a request of the API",
    "ProblemError": "an answer to a request of the API",
    "Locked": "an answer to a request of the API",
    "_Refused": "a stream that is not opened; its client is told the code",
    "_Garbage": "an answer of Redis that means: not known",
}


def _modules() -> list[ModuleType]:
    names = [found.name for found in pkgutil.walk_packages(payflow.__path__, "payflow.")]
    apart = ("payflow.__main__", "payflow.ledger.migrations")  # one runs, alembic loads the other
    return [importlib.import_module(name) for name in names if not name.startswith(apart)]


ERRORS: set[type[BaseException]] = {
    found
    for module in _modules()
    for found in vars(module).values()
    if inspect.isclass(found) and issubclass(found, BaseException) and found.__module__ == module.__name__
}


IN_ORDER = sorted(ERRORS, key=lambda error: error.__name__)


@pytest.mark.parametrize("error", IN_ORDER, ids=lambda error: error.__name__)
def test_every_error_is_of_the_tree_with_a_fate_or_no_error_of_work(error: type[BaseException]) -> None:
    if not issubclass(error, PayFlowError):
        assert error.__name__ in NO_ERRORS_OF_WORK, f"{error.__module__}: derive it from a leaf of the tree"
    elif not any(issubclass(other, error) and other is not error for other in ERRORS):
        assert isinstance(error.fate, Fate)


def test_the_list_names_only_what_exists() -> None:
    assert NO_ERRORS_OF_WORK.keys() <= {error.__name__ for error in ERRORS}
