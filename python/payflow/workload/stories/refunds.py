"""Stories of money going back to the payer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payflow.workload.draft import Draft


def refunded(draft: Draft) -> None:
    """Pay and refund whole."""
    draft.refund(draft.paid(), draft.total_minor)


def partially_refunded(draft: Draft) -> None:
    """Pay and refund in part, once or twice."""
    capture_id = draft.paid()
    parts = draft.split(draft.total_minor, draft.random.choice((2, 2, 3)))
    for part_minor in parts[:-1]:
        draft.refund(capture_id, part_minor)


def refunded_in_parts(draft: Draft) -> None:
    """Pay and refund until nothing is left."""
    capture_id = draft.paid()
    for part_minor in draft.split(draft.total_minor, draft.random.choice((2, 3))):
        draft.refund(capture_id, part_minor)


def refund_pending(draft: Draft) -> None:
    """Leave a refund under way."""
    capture_id = draft.paid()
    draft.add("refund.pending", draft.new_id("refund"), draft.part(draft.total_minor), parent_id=capture_id)


def refund_failed(draft: Draft) -> None:
    """Fail a refund before it succeeded; try again more often than not."""
    capture_id = draft.paid()
    amount_minor = draft.total_minor if draft.chance(0.5) else draft.part(draft.total_minor)
    operation_id = draft.new_id("refund")
    draft.add("refund.pending", operation_id, amount_minor, parent_id=capture_id)
    draft.add("refund.failed", operation_id, amount_minor, parent_id=capture_id, reason="account_closed")
    if draft.chance(0.6):
        draft.refund(capture_id, amount_minor)


def refund_reversed(draft: Draft) -> None:
    """Fail a refund after it succeeded; try again more often than not."""
    capture_id = draft.paid()
    operation_id = draft.refund(capture_id, draft.total_minor)
    draft.add(
        "refund.failed", operation_id, draft.total_minor, parent_id=capture_id, reason="refund_returned"
    )
    if draft.chance(0.6):
        draft.refund(capture_id, draft.total_minor)


def capture_reversed_after_refund(draft: Draft) -> None:
    """Fail a capture of which money has gone back: more was returned than is held (over_returned)."""
    authorization_id = draft.authorize()
    capture_id = draft.capture(authorization_id, draft.total_minor)
    amount_minor = draft.total_minor if draft.chance(0.3) else draft.part(draft.total_minor)
    draft.refund(capture_id, amount_minor)
    draft.add(
        "capture.failed", capture_id, draft.total_minor, parent_id=authorization_id, reason="acquirer_error"
    )
