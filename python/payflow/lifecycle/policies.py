"""Hands what each source declares to the payment machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from payflow import _native
from payflow.events import DEFAULT_SOURCE

if TYPE_CHECKING:
    from payflow.events import SourceProfile, Sources

Policy: TypeAlias = tuple[bool, int, int]
"""(adjustable, overcapture_bps, retry_horizon_s)"""


def policies_of(sources: Sources) -> _native.Policies:
    """Give the machine's policies for all sources."""
    return _native.Policies(*declarations(sources))


def declarations(sources: Sources) -> tuple[Policy, list[tuple[str, bool, int, int]]]:
    """Give what holds for every source that is not listed, then (source and its policy) of each that is."""

    def policy(profile: SourceProfile) -> Policy:
        return profile.adjustable, profile.overcapture_bps, profile.retry_horizon_s

    return (
        policy(sources.profile(DEFAULT_SOURCE)),
        [(name, *policy(profile)) for name, profile in sources.profiles.items()],
    )
