"""The health page."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from payflow.api.routing.values import Instant

State = Literal["ok", "degraded", "down"]


class Dependency(Struct, frozen=True):
    """One server: whether it answers, how fast, and what it said if not."""

    status: State
    latency_ms: float | None
    detail: str | None


class Health(Struct, frozen=True):
    """The API and all that it depends on."""

    status: State
    dependencies: dict[str, Dependency]
    version: str
    time: Instant
