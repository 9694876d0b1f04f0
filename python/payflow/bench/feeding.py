"""Sends messages at a steady rate, in a thread of its own, whatever happens to the queue meanwhile."""

from __future__ import annotations

import itertools
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TICK_S: Final = 0.02
SEND_MAX: Final = 500
"""Bodies of one call to the sender."""


class Sender(Protocol):
    """What sends."""

    def send(self, bodies: Sequence[bytes]) -> list[tuple[int, str]]:
        """Send all bodies; give the places of those that failed, and why."""


class Feeder:
    """Sends until it has nothing left; what the queue refuses or doesn't answer is sent again.

    A call without an answer may have been carried out: then a message is in the queue twice, as with any
    sender that has to be sure.

    Args:
        sender: sends.
        bodies: what to send, in this order.
        rate: bodies a second.

    """

    def __init__(self, sender: Sender, bodies: Iterable[bytes], rate: float) -> None:
        self._sender = sender
        self._bodies = iter(bodies)
        self._rate = rate
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)
        self.sent = 0
        """Bodies that the queue has taken."""
        self.resent = 0
        """Bodies that were sent once more."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether everything is sent.

        Raises:
            Exception: what ended it early.

        """
        if self._failure is not None:
            raise self._failure
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End it, sent or not."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._feed()
        except BaseException as error:  # noqa: BLE001 - raised again where it is asked for
            self._failure = error

    def _feed(self) -> None:
        began_s = time.monotonic()
        while not self._stop.wait(TICK_S):
            due = int((time.monotonic() - began_s) * self._rate) - self.sent
            if due <= 0:
                continue
            chunk = list(itertools.islice(self._bodies, min(due, SEND_MAX)))
            if not chunk:
                return
            self._send(chunk)

    def _send(self, chunk: list[bytes]) -> None:
        left = chunk
        while True:
            failed = self._sender.send(left)
            self.sent += len(left) - len(failed)
            left = [left[place] for place, _ in failed]
            if not left or self._stop.is_set():
                return
            self.resent += len(left)
