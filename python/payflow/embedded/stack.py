"""Several servers as one: started in order, stopped in reverse, whatever happens."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from payflow.embedded.server import EmbeddedServer


class Stack:
    """A context manager over servers.

    Args:
        servers: in the order in which they start.
        starting: told each server before it starts.

    """

    def __init__(
        self, servers: Sequence[EmbeddedServer], starting: Callable[[EmbeddedServer], None] = lambda _: None
    ) -> None:
        self.servers = tuple(servers)
        self._starting = starting

    def __enter__(self) -> Self:
        """Start all servers; when one fails, stop the others and raise its error."""
        try:
            for server in self.servers:
                self._starting(server)
                server.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all servers, the last one first."""
        self.stop()

    def stop(self) -> None:
        """Stop all servers, the last one first; one that fails doesn't keep the others running."""
        errors: list[Exception] = []
        for server in reversed(self.servers):
            try:
                server.stop()
            except Exception as error:  # noqa: BLE001 - raised again below, when all are stopped
                errors.append(error)
        if errors:
            raise ExceptionGroup("servers that did not stop in order", errors)
