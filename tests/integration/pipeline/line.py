"""What the tests of the pipeline hold in their hands."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from payflow.intake.contract import Batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.idempotency import SeenMarks
    from payflow.pipeline import Outcomes, Pipeline
    from payflow.telemetry.figures import Figures

_tokens = count(1)


@dataclass
class Line:
    """A pipeline, its figures and marks, and a connection of its own to look at the books with."""

    pipeline: Pipeline
    figures: Figures
    seen: SeenMarks
    look: Any
    dsn: str

    async def process(
        self, bodies: Sequence[bytes], message_ids: Sequence[str] | None = None, receive_count: int = 1
    ) -> Outcomes:
        """Process one batch; each of its deliveries must get exactly one outcome."""
        batch = batch_of(bodies, message_ids, receive_count)
        outcomes = await self.pipeline.process(batch)
        decided = [*outcomes.done, *(token for token, _ in outcomes.retries)]
        decided += [letter.token for letter in outcomes.dead_letters]
        assert sorted(decided) == batch.tokens
        return outcomes


def batch_of(
    bodies: Sequence[bytes], message_ids: Sequence[str] | None = None, receive_count: int = 1
) -> Batch:
    """Make a batch of bodies with tokens and, unless given, message ids of their own."""
    tokens = [next(_tokens) for _ in bodies]
    return Batch(
        lane=0,
        tokens=tokens,
        bodies=list(bodies),
        message_ids=[f"message-{token}" for token in tokens] if message_ids is None else list(message_ids),
        receive_counts=[receive_count] * len(bodies),
        sent_at_ms=[0] * len(bodies),
        received_at_ms=[0] * len(bodies),
    )
