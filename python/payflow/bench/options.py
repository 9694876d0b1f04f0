"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

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
class PipelineOptions:
    """A backlog, and how one worker drains it."""

    events: int
    transport: Transport = "native"
    added: AddedLatency = field(default_factory=AddedLatency)
    seed: int = 1
    lanes: int | None = None
    batch_size: int | None = None
    scratch: Path | None = None
    """Where the throw-away data directory is made; the system's place for temporary files without."""

    @property
    def name(self) -> str:
        """Name the run, for the file that its figures go to."""
        return f"pipeline-{self.transport}-{self.events}{self.added.label()}"


@dataclass(frozen=True)
class LatencyOptions:
    """A steady rate, kept up whatever the worker does."""

    rate: int = 1_000
    seconds: int = 30
    warm_up_s: int = 3
    transport: Transport = "native"
    added: AddedLatency = field(default_factory=AddedLatency)
    seed: int = 1
    lanes: int | None = None
    batch_size: int | None = None
    scratch: Path | None = None
    """Where the throw-away data directory is made; the system's place for temporary files without."""

    @property
    def name(self) -> str:
        """Name the run, for the file that its figures go to."""
        return f"latency-{self.transport}-{self.rate}{self.added.label()}"
