"""The kinds of payment histories, each a function that writes one whole, valid history into a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.workload.stories import disputes, payments, refunds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from payflow.workload.draft import Draft

STORIES: Mapping[str, Callable[[Draft], None]] = {
    story.__name__: story
    for story in (
        payments.captured,
        payments.sale,
        payments.authorized_only,
        payments.voided,
        payments.expired,
        payments.failed,
        payments.pending,
        payments.requires_action,
        payments.unknown,
        payments.late_authorization,
        payments.several_attempts,
        payments.multi_capture,
        payments.partial_capture,
        payments.incremental_authorization,
        payments.additional_authorization,
        payments.adjusted_after_reversal,
        payments.capture_failed,
        payments.capture_reversed,
        refunds.capture_reversed_after_refund,
        refunds.refunded,
        refunds.partially_refunded,
        refunds.refunded_in_parts,
        refunds.refund_pending,
        refunds.refund_failed,
        refunds.refund_reversed,
        disputes.dispute_inquiry,
        disputes.dispute_open,
        disputes.dispute_won,
        disputes.dispute_lost,
        disputes.dispute_second_chargeback,
        disputes.dispute_arbitration,
        disputes.dispute_of_parts,
    )
}
"""Every story by its name."""

ADJUSTING_STORIES = frozenset(
    story.__name__
    for story in (
        payments.incremental_authorization,
        payments.additional_authorization,
        payments.adjusted_after_reversal,
    )
)
"""Stories that only a source that adjusts authorizations, or adds to them, can tell."""
