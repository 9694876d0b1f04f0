"""Turns what the driver raises into errors with a fate."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from payflow.errors import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_RACED = (asyncpg.UniqueViolationError, asyncpg.TransactionRollbackError)
"""The latter are serialization failures, deadlocks, and commits of which nobody knows what came."""

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
    asyncpg.InvalidTransactionStateError,  # a server that only reads, and a session in a state of its own
    asyncpg.PostgresSystemError,
    asyncpg.ConfigFileError,
    # These say how the database is set up: a missing table, a revoked right, a changed password. No message
    # is to blame for them, and none may be dead-lettered for them.
    asyncpg.SyntaxOrAccessError,
    asyncpg.FeatureNotSupportedError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidRoleSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InvalidCachedStatementError,
)
"""The server answers, and can't work now."""

_SERVER_SOURCES = frozenset({"md.c", "smgr.c", "fd.c", "buffile.c", "xlog.c", "varsup.c", "multixact.c"})
"""PostgreSQL's own files that read and write files, and that hand out transaction ids."""


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
    except asyncpg.PostgresError as error:
        if _is_of_server(error):
            raise StoreUnavailable(f"PostgreSQL: {error}") from error
        raise StoreRefused(f"PostgreSQL refused: {error} ({error.sqlstate})") from error


def _is_of_server(error: asyncpg.PostgresError) -> bool:
    """Tell whether no message can be to blame, although the error's code is one that messages bring about.

    Only a full disk has a code of its own. A quota that is used up, or a file that may not grow, comes as
    "internal error", and a server that has run out of transaction ids says "program limit exceeded", as it
    does of a key that is too long. Where in the server it was raised tells them apart, whatever the language
    of the text.
    """
    return getattr(error, "server_source_filename", None) in _SERVER_SOURCES


def connection_is_lost(error: BaseException) -> bool:
    """Tell whether nothing more may be asked on the connection that raised this.

    A task that is cancelled amid a statement counts too: its answer is still on the way.
    """
    return isinstance(error, (*_LOST, asyncpg.InterfaceError)) or not isinstance(error, Exception)
