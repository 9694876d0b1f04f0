"""Stories of authorizations and captures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payflow.workload.draft import Draft


def captured(draft: Draft) -> None:
    """Authorize and capture whole: what most payments do."""
    draft.capture(draft.authorize(), draft.total_minor)


def sale(draft: Draft) -> None:
    """Authorize and capture in one step."""
    draft.add("sale.succeeded", draft.new_id("capture"), draft.total_minor)


def authorized_only(draft: Draft) -> None:
    """Authorize, and let nothing more follow for as long as the stream lasts."""
    draft.authorize()


def voided(draft: Draft) -> None:
    """Authorize and give back, now and then in two steps."""
    authorization_id = draft.authorize()
    parts = draft.split(draft.total_minor, 2) if draft.chance(0.15) else [draft.total_minor]
    for part_minor in parts:
        draft.release(authorization_id, part_minor, "voided")


def expired(draft: Draft) -> None:
    """Authorize and never capture in time."""
    draft.release(draft.authorize(), draft.total_minor, "expired")


def failed(draft: Draft) -> None:
    """Decline once or several times, and give up."""
    for _ in range(draft.random.choice((1, 1, 1, 2, 3))):
        draft.decline()


def pending(draft: Draft) -> None:
    """Keep waiting for the issuer's answer."""
    operation_id = draft.new_id("authorization")
    if draft.chance(0.5):
        draft.add("authorization.requested", operation_id, draft.total_minor)
    draft.add("authorization.pending", operation_id, draft.total_minor)


def requires_action(draft: Draft) -> None:
    """Wait for the payer to confirm."""
    operation_id = draft.new_id("authorization")
    draft.add("authorization.pending", operation_id, draft.total_minor, reason="requires_action")


def unknown(draft: Draft) -> None:
    """Time out at the provider: neither success nor failure."""
    operation_id = draft.new_id("authorization")
    draft.add("authorization.pending", operation_id, draft.total_minor)
    draft.add("authorization.unknown", operation_id, draft.total_minor, reason="timeout")


def late_authorization(draft: Draft) -> None:
    """Report as failed, then authorize after all."""
    operation_id = draft.decline()
    draft.add("authorization.succeeded", operation_id, draft.total_minor)
    draft.capture(operation_id, draft.total_minor)


def several_attempts(draft: Draft) -> None:
    """Decline once to three times before an attempt goes through."""
    for _ in range(draft.random.choice((1, 1, 2, 3))):
        draft.decline()
    captured(draft)


def multi_capture(draft: Draft) -> None:
    """Capture as the parts ship, with or without a rest that is given back."""
    authorization_id = draft.authorize()
    parts = draft.split(draft.total_minor, draft.random.choice((2, 2, 3, 4)))
    rest_minor = parts.pop() if draft.chance(0.4) else 0
    for part_minor in parts:
        draft.capture(authorization_id, part_minor)
    if rest_minor and draft.chance(0.6):
        draft.release(authorization_id, rest_minor, "final_capture")


def partial_capture(draft: Draft) -> None:
    """Capture in part; the rest is released by the final capture or expires."""
    authorization_id = draft.authorize()
    part_minor = draft.part(draft.total_minor)
    draft.capture(authorization_id, part_minor)
    reason = "expired" if draft.chance(0.2) else "final_capture"
    draft.release(authorization_id, draft.total_minor - part_minor, reason)


def incremental_authorization(draft: Draft) -> None:
    """Adjust up and down, as hotels and hire cars do, then capture, release or both."""
    authorization_id = draft.authorize()
    held_minor = draft.total_minor
    for _ in range(draft.random.choice((1, 1, 2, 3))):
        grows = draft.chance(0.7)
        change_minor = draft.part(held_minor, 0.1, 0.5)
        held_minor += change_minor if grows else -change_minor
        draft.add(
            "authorization.adjusted",
            authorization_id,
            held_minor,
            reason="incremental" if grows else "decremental",
        )
    if draft.chance(0.1):
        draft.release(authorization_id, held_minor, "voided")
    elif draft.chance(0.3):
        part_minor = draft.part(held_minor)
        draft.capture(authorization_id, part_minor)
        draft.release(authorization_id, held_minor - part_minor, "final_capture")
    else:
        draft.capture(authorization_id, held_minor)


def additional_authorization(draft: Draft) -> None:
    """Authorize more under a second reference, and capture both sums in one."""
    authorization_id = draft.authorize()
    more_minor = draft.part(draft.total_minor, 0.1, 0.5)
    draft.authorize(more_minor)
    draft.capture(authorization_id, draft.total_minor + more_minor)


def adjusted_after_reversal(draft: Draft) -> None:
    """Fail a capture after it succeeded, adjust below what it had taken, and capture what is left."""
    authorization_id = draft.authorize()
    operation_id = draft.capture(authorization_id, draft.total_minor)
    draft.add(
        "capture.failed", operation_id, draft.total_minor, parent_id=authorization_id, reason="acquirer_error"
    )
    left_minor = draft.part(draft.total_minor)
    draft.add("authorization.adjusted", authorization_id, left_minor, reason="decremental")
    draft.capture(authorization_id, left_minor)


def capture_failed(draft: Draft) -> None:
    """Fail a capture before it succeeded; try again or give back."""
    authorization_id = draft.authorize()
    operation_id = draft.new_id("capture")
    draft.add("capture.pending", operation_id, draft.total_minor, parent_id=authorization_id)
    _fail_capture(draft, authorization_id, operation_id)


def capture_reversed(draft: Draft) -> None:
    """Fail a capture after it succeeded; try again or give back."""
    authorization_id = draft.authorize()
    operation_id = draft.capture(authorization_id, draft.total_minor)
    _fail_capture(draft, authorization_id, operation_id)


def _fail_capture(draft: Draft, authorization_id: str, operation_id: str) -> None:
    draft.add(
        "capture.failed", operation_id, draft.total_minor, parent_id=authorization_id, reason="acquirer_error"
    )
    if draft.chance(0.6):
        draft.capture(authorization_id, draft.total_minor)
    else:
        draft.release(authorization_id, draft.total_minor, "voided")
