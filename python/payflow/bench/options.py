"""What a run is asked to do."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from payflow.settings import Settings

Transport: TypeAlias = Literal["native", "aioboto3"]


@dataclass(frozen=True)
class AddedLatency:
    """Time that each call or exchange takes longer; half of it each way."""

    sqs_ms: int = 0
    redis_ms: float = 0.0
    postgres_ms: float = 0.0

    def label(self) -> str:
        """Name what is added, for a file's name; empty when nothing is."""
        parts = (("sqs", self.sqs_ms), ("redis", self.redis_ms), ("postgres", self.postgres_ms))
        return "".join(f"-{name}{value:g}ms" for name, value in parts if value)


@dataclass(frozen=True)
class Setup:
    """How servers and worker are set up, whatever is measured."""

    transport: Transport = "native"
    added: AddedLatency = field(default_factory=AddedLatency)
    lanes: int | None = None
    """Lanes of the worker; as the settings say without."""
    batch_size: int | None = None
    """Events that close a batch; as the settings say without."""
    seed: int = 1
    """Names the stream of events."""
    scratch: Path | None = None
    """Where the throw-away data directory is made; the system's place for temporary files without."""

    def applied_to(self, settings: Settings) -> Settings:
        """Give the settings with these knobs."""
        queue = dataclasses.replace(
            settings.queue,
            transport=self.transport,
            lanes=self.lanes or settings.queue.lanes,
            batch_size_max=self.batch_size or settings.queue.batch_size_max,
        )
        return dataclasses.replace(settings, queue=queue)


@dataclass(frozen=True)
class PipelineOptions:
    """A backlog, and how one worker drains it."""

    events: int
    setup: Setup = field(default_factory=Setup)

    @property
    def name(self) -> str:
        """Name the run, for the file that its figures go to."""
        return f"pipeline-{self.setup.transport}-{self.events}{self.setup.added.label()}"


@dataclass(frozen=True)
class LatencyOptions:
    """A steady rate, kept up whatever the worker does."""

    rate: int = 1_000
    seconds: int = 30
    warm_up_s: int = 3
    setup: Setup = field(default_factory=Setup)

    @property
    def name(self) -> str:
        """Name the run, for the file that its figures go to."""
        return f"latency-{self.setup.transport}-{self.rate}{self.setup.added.label()}"


Part: TypeAlias = Literal["postgres", "postgres-frozen", "postgres-killed", "valkey", "valkey-frozen", "loop"]


@dataclass(frozen=True)
class OutageOptions:
    """Something is away for a while under a steady load."""

    part: Part = "postgres"
    """`postgres`: stopped; `-frozen`: its processes stand still; `-killed`: kill -9; `loop`: the worker's
    event loop is blocked."""
    seconds: float = 120.0
    """How long it is away."""
    rate: int = 2_000
    """Deliveries a second that are sent all the while."""
    backlog: int = 100_000
    """Deliveries that are drained first, for the full rate."""
    setup: Setup = field(default_factory=Setup)

    @property
    def name(self) -> str:
        """Name the run, for the file that its figures go to."""
        return f"outage-{self.part}-{self.seconds:g}s-{self.rate}"
