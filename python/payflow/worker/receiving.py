"""Whether this worker receives: it does unless somebody has a reason against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from payflow.intake import Intake

log = structlog.get_logger(__name__)


STARTING: Final = "starting"
"""The party that keeps a worker from receiving until all of it is there."""


class Receiving:
    """Pauses and resumes the intake for several parties, none of which can undo what another has asked for.

    At first it stands paused for `STARTING`, and so must the intake be started.

    An outage that ends must not start a worker that an operator has paused, and the other way round.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._reasons = {STARTING}

    @property
    def paused_for(self) -> list[str]:
        """Who keeps it from receiving; empty while it receives."""
        return sorted(self._reasons)

    def pause(self, reason: str) -> None:
        """Stop receiving; what is in hand stays in hand. `reason` names the party: `postgres`, `operator`."""
        if reason not in self._reasons:
            self._reasons.add(reason)
            self._intake.pause()
            log.info("receiving_paused", stage="intake", reason=reason)

    def resume(self, reason: str) -> None:
        """Take back one party's reason; with the last one it receives again, from a single poll upwards."""
        if reason in self._reasons:
            self._reasons.remove(reason)
            log.info("receiving_resumed", stage="intake", reason=reason, still_paused_for=self.paused_for)
            if not self._reasons:
                self._intake.resume()
