"""Turns what the driver raises into errors with a fate."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from payflow.errors import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

_RACED = (asyncpg.UniqueViolationError, asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class LedgerRaced(Exception):  # noqa: N818 - no error: the batch is run again at once
    """Another worker touched the same payments first; nothing was written. Run the batch again."""


@contextmanager
def as_store_errors() -> Iterator[None]:
    """Translate the driver's errors.

    Raises:
        LedgerRaced: a key was taken meanwhile, or the server chose this transaction to end a deadlock.
        StoreUnavailable: the database did not answer, or can't work now.
        StoreRefused: the database refused what it was given.
    """
    try:
        yield
    except _RACED as error:
        raise LedgerRaced(str(error)) from error
    except _UNAVAILABLE as error:
        raise StoreUnavailable(f"PostgreSQL: {error or type(error).__name__}") from error
    except asyncpg.PostgresError as error:
        raise StoreRefused(f"PostgreSQL refused: {error} ({error.sqlstate})") from error
