"""Hands what each source declares to the payment machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow import _native
from payflow.events import DEFAULT_SOURCE

if TYPE_CHECKING:
    from payflow.events import SourceProfile, Sources


def policies_of(sources: Sources) -> _native.Policies:
    """Give the machine's policies for all sources, and for those that are not listed."""

    def policy(profile: SourceProfile) -> tuple[bool, int, int]:
        return profile.adjustable, profile.overcapture_bps, profile.retry_horizon_s

    return _native.Policies(
        policy(sources.profile(DEFAULT_SOURCE)),
        [(name, *policy(profile)) for name, profile in sources.profiles.items()],
    )
