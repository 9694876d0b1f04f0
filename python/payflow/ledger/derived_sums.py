"""What follows from a payment's sums: no column holds it, and everybody who shows or judges it asks here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DerivedSums", "derived_sums"]


class DerivedSums(TypedDict):
    """Minor units of the payment's currency."""

    capturable_minor: int
    refundable_minor: int
    over_returned_minor: int


def derived_sums(sums: Mapping[str, int]) -> DerivedSums:
    """Derive what may still be captured and refunded, and what has gone back too much.

    The payment machine derives the same in Rust (docs/payment-machine.md has the letters).

    Args:
        sums: the columns of a payment by name; others beside them don't matter.

    Returns:
        What a capture or a void may still take, negative after an overcapture; what a refund may still
        return, negative when too much has gone back; and that much, never negative.

    """
    captured_minor, disputed_minor = sums["captured_minor"], sums["disputed_minor"]
    held_minor = sums["capture_pending_minor"] + sums["release_pending_minor"]
    returned_minor = sums["refunded_minor"] + disputed_minor
    return DerivedSums(
        capturable_minor=sums["authorized_minor"] - sums["released_minor"] - captured_minor - held_minor,
        refundable_minor=captured_minor
        - sums["refunded_minor"]
        - sums["refund_pending_minor"]
        - max(disputed_minor, 0),
        over_returned_minor=max(0, returned_minor - captured_minor),
    )
