"""A pipeline whose store fails as a test says, without any store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.intake.contract import Batch, Carried
from payflow.pipeline import Outcomes, Pipeline, RetryPolicy, Stages
from payflow.telemetry.figures import Figures
from payflow.workload import Mix, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payflow.ledger import DeadLetterRow
    from payflow.ledger.deferral import DeferredRow
    from payflow.pipeline import Deferral
    from payflow.pipeline.deliveries import Deliveries


@dataclass
class CountedAttempts:
    """Counts failures in memory; knows nothing while `away`."""

    counts: dict[str, int] = field(default_factory=dict)
    away: bool = False

    async def failed(self, message_ids: Sequence[str]) -> list[int | None]:
        """Count one failure for each message."""
        if self.away:
            return [None] * len(message_ids)
        for message_id in message_ids:
            self.counts[message_id] = self.counts.get(message_id, 0) + 1
        return [self.counts[message_id] for message_id in message_ids]


@dataclass
class CountingGate:
    """Counts what it is told, and lets work in again `returns` times after a failure."""

    returns: int = 10
    failures: int = 0
    successes: int = 0

    async def ready(self) -> bool:
        """Let work in."""
        return True

    async def back_after(self, _reason: str) -> bool:
        """Count a failure."""
        self.failures += 1
        return self.failures <= self.returns

    def succeeded(self) -> None:
        """Count a success."""
        self.successes += 1


@dataclass
class RecordingLedger:
    """Takes rows of dead letters and messages that wait, or raises what it was given."""

    rows: list[DeadLetterRow] = field(default_factory=list)
    deferred: list[DeferredRow] = field(default_factory=list)
    error: Exception | None = None

    async def record_dead_letters(self, rows: Sequence[DeadLetterRow]) -> None:
        """Keep the rows."""
        if self.error is not None:
            raise self.error
        self.rows += rows

    async def record_deferred(self, _queue: str, rows: Sequence[DeferredRow]) -> None:
        """Keep the messages."""
        if self.error is not None:
            raise self.error
        self.deferred += rows


class Trouble:
    """A pipeline of one worker, with everything round it."""

    def __init__(
        self,
        apply: Callable[[list[str]], None],
        attempts_max: int = 3,
        deferral: Deferral | None = None,
    ) -> None:
        """`apply` is given the message ids of each try, and raises what the store would."""
        self.tries: list[list[str]] = []
        self.attempts = CountedAttempts()
        self.gate = CountingGate()
        self.ledger = RecordingLedger()
        self.figures = Figures()
        ledger: Any = self.ledger
        unused: Any = None
        decoder = Decoder(Sources.load(), lambda: datetime.now(UTC))
        stages = Stages(decoder=decoder, seen=unused, ledger=ledger, rules=unused)
        policy = RetryPolicy(delay_min_s=1.0, delay_max_s=4.0, attempts_max=attempts_max)
        self.pipeline = Pipeline(
            stages,
            "books",
            self.figures,
            policy,
            store=self.gate,
            attempts=self.attempts,
            deferral=deferral,
        )

        async def tried(deliveries: Deliveries, *, anew: bool) -> Outcomes:
            batch, positions = deliveries.batch, deliveries.positions()
            self.tries.append([batch.message_ids[position] for position in positions])
            apply(self.tries[-1])
            return Outcomes(done=[batch.tokens[position] for position in positions])

        self.pipeline._apply = tried  # type: ignore[method-assign]


def batch_of(count: int, receives: int = 9, carried: dict[int, Carried] | None = None) -> Batch:
    """Make a batch of valid events; message ids are `m0`, `m1`, ... and tokens 1, 2, ..."""
    bodies = [delivery.body for delivery in Workload(1, Mix(faulty=0.0)).deliveries(count)]
    return Batch(
        lane=0,
        tokens=list(range(1, count + 1)),
        bodies=bodies,
        message_ids=[f"m{number}" for number in range(count)],
        receive_counts=[receives] * count,
        sent_at_ms=[0] * count,
        received_at_ms=[0] * count,
        carried=carried or {},
    )
