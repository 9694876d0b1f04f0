"""Turns what the driver raises into errors with a fate."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from payflow.errors import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_RACED = (asyncpg.UniqueViolationError, asyncpg.SerializationError, asyncpg.DeadlockDetectedError)

_STALLED = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    OSError,
    TimeoutError,
)
"""The connection is gone, or nobody knows what state it is in."""

_UNUSABLE = (
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
    # These say how the database is set up: a missing table, a revoked right, a changed password. No message
    # is to blame for them, and none may be dead-lettered for them.
    asyncpg.SyntaxOrAccessError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidCachedStatementError,
)
"""The server answers, and can't work now."""

_STORAGE_SOURCES = frozenset({"md.c", "smgr.c", "fd.c", "buffile.c", "xlog.c"})
"""PostgreSQL's own files that read and write files."""


class LedgerRaced(Exception):  # noqa: N818 - no error: the batch is run again at once
    """Another worker touched the same payments first; nothing was written. Run the batch again."""


class LedgerStalled(StoreUnavailable):
    """A statement ran into its time limit: the server is slow, or somebody holds a row of this batch."""


@contextmanager
def as_store_errors() -> Iterator[None]:
    """Translate the driver's errors.

    Raises:
        LedgerRaced: a key was taken meanwhile, or the server chose this transaction to end a deadlock.
        LedgerStalled: the server ended a statement that took too long.
        StoreUnavailable: the database did not answer, or can't work now.
        StoreRefused: the database refused what it was given.
    """
    try:
        yield
    except _RACED as error:
        raise LedgerRaced(str(error)) from error
    except asyncpg.InterfaceError as error:
        # The driver's word for a value that it can't encode, which is the message's fault, is one of these.
        if isinstance(error, ValueError):
            raise StoreRefused(f"PostgreSQL's driver refused: {error}") from error
        raise StoreUnavailable(f"PostgreSQL: {error}") from error
    except _STALLED as error:
        raise LedgerStalled(f"PostgreSQL: {error}") from error
    except TimeoutError as error:
        raise StoreUnavailable("PostgreSQL: no answer within the deadline") from error
    except (*_LOST, *_UNUSABLE) as error:
        raise StoreUnavailable(f"PostgreSQL: {str(error) or type(error).__name__}") from error
    except asyncpg.InternalServerError as error:
        if _is_of_storage(error):
            raise StoreUnavailable(f"PostgreSQL: {error}") from error
        raise StoreRefused(f"PostgreSQL refused: {error} ({error.sqlstate})") from error
    except asyncpg.PostgresError as error:
        raise StoreRefused(f"PostgreSQL refused: {error} ({error.sqlstate})") from error


def _is_of_storage(error: asyncpg.InternalServerError) -> bool:
    """Tell whether a file could not be written or read, which no message is to blame for.

    Only a full disk has a code of its own. A quota that is used up, or a file that may not grow, comes as
    "internal error"; where in the server it was raised tells it apart, whatever the language of the text.
    """
    return getattr(error, "server_source_filename", None) in _STORAGE_SOURCES


def connection_is_lost(error: BaseException) -> bool:
    """Tell whether nothing more may be asked on the connection that raised this.

    A task that is cancelled amid a statement counts too: its answer is still on the way.
    """
    return isinstance(error, (*_LOST, asyncpg.InterfaceError)) or not isinstance(error, Exception)
