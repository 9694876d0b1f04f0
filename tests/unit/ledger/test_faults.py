"""Whatever PostgreSQL or its driver raises has a fate; what no message is to blame for burns no attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from payflow.errors import StoreRefused, StoreUnavailable
from payflow.ledger import LedgerRaced, LedgerStalled
from payflow.ledger.faults import as_store_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def _subclasses(of: type[Exception]) -> Iterator[type[Exception]]:
    for child in of.__subclasses__():
        yield child
        yield from _subclasses(child)


RAISED = sorted(
    {*_subclasses(asyncpg.PostgresError), *_subclasses(asyncpg.InterfaceError)},
    key=lambda error: (error.__module__, error.__name__),
)

BLAMELESS = {
    "08": "no connection",
    "0A": "not supported: how the database is set up",
    "0P": "no such role",
    "25": "state of the session, or a server that only reads",
    "28": "not authorized",
    "3D": "no such database",
    "3F": "no such schema",
    "42": "missing table, right or column",
    "53": "out of memory, disk or connections",
    "57": "shutdown, or a statement that was ended",
    "58": "input and output",
    "F0": "configuration file",
}
"""Classes of SQLSTATE that say nothing of what was sent."""


def of_classes(classes: Collection[str]) -> list[type[Exception]]:
    return [error for error in RAISED if (getattr(error, "sqlstate", None) or "")[:2] in classes]


def fate_of(error: Exception) -> type[BaseException]:
    with pytest.raises(Exception) as raised, as_store_errors():  # noqa: PT011 - which one is the question
        raise error
    return raised.type


@pytest.mark.parametrize("error", RAISED, ids=lambda error: error.__name__)
def test_every_error_of_the_driver_becomes_one_of_ours(error: type[Exception]) -> None:
    assert fate_of(error("x")) in {LedgerRaced, LedgerStalled, StoreUnavailable, StoreRefused}


@pytest.mark.parametrize("error", of_classes(BLAMELESS), ids=lambda error: error.__name__)
def test_no_message_is_blamed_for_what_the_server_can_t_do(error: type[Exception]) -> None:
    assert fate_of(error("x")) in {StoreUnavailable, LedgerStalled}


@pytest.mark.parametrize("error", of_classes(["40"]), ids=lambda error: error.__name__)
def test_every_rollback_that_was_none_of_its_doing_runs_the_batch_again(error: type[Exception]) -> None:
    assert fate_of(error("x")) is LedgerRaced


@pytest.mark.parametrize(
    "error",
    [asyncpg.CheckViolationError, asyncpg.NumericValueOutOfRangeError, asyncpg.UntranslatableCharacterError],
)
def test_what_the_content_brings_about_is_refused(error: type[Exception]) -> None:
    assert fate_of(error("x")) is StoreRefused


@pytest.mark.parametrize("error", [OSError("cut"), ConnectionResetError("reset"), TimeoutError()])
def test_a_network_that_fails_is_a_database_that_is_away(error: Exception) -> None:
    assert fate_of(error) is StoreUnavailable


@pytest.mark.parametrize(
    ("error", "source", "fate"),
    [
        (asyncpg.InternalServerError, "md.c", StoreUnavailable),
        (asyncpg.InternalServerError, "execMain.c", StoreRefused),
        (asyncpg.ProgramLimitExceededError, "varsup.c", StoreUnavailable),
        (asyncpg.ProgramLimitExceededError, "nbtutils.c", StoreRefused),
    ],
)
def test_where_an_error_was_raised_tells_whether_a_message_is_to_blame(
    error: type[Exception], source: str, fate: type[Exception]
) -> None:
    raised: Any = error("x")
    raised.server_source_filename = source
    assert fate_of(raised) is fate
