"""What every embedded server promises."""

from typing import Protocol


class EmbeddedServer(Protocol):
    """A server that runs as a child process of this one, and dies with it.

    Start it from the main thread: the kernel ends a child when the *thread* that started it ends.
    """

    @property
    def name(self) -> str:
        """The name that operators know it by."""

    @property
    def endpoint(self) -> str:
        """Where clients find it: a URL. Meaningful once it has started."""

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            EmbeddedFailed: when it can't start, with the next step.

        """

    def stop(self) -> None:
        """Stop it and wait until it is gone. Stopping what doesn't run is fine."""

    def pids(self) -> tuple[int, ...]:
        """Give its processes, the first one first; empty when it doesn't run."""

    def healthy(self) -> bool:
        """Say whether its process is alive."""

    def last_lines(self) -> str:
        """Give the end of its log on one line."""

    def cpu_s(self) -> float:
        """Give the CPU time of all its processes since the start, the ended ones included."""
