"""What travels beside a dead letter's body, the same from both intakes."""

from __future__ import annotations

from payflow.intake.contract import DEAD_LETTER_REASON_MAX, DeadLetter

__all__ = ["attributes_of"]


def attributes_of(letter: DeadLetter) -> dict[str, str]:
    """Return the message attributes of a letter by name. Empty ones are left out: SQS refuses them."""
    attributes = {
        "payflow_class": letter.klass,
        "payflow_reason": letter.reason[:DEAD_LETTER_REASON_MAX],
        "payflow_path": letter.path,
        "payflow_message_id": letter.message_id,
        "payflow_correlation_id": letter.correlation_id,
        "payflow_payment_id": letter.payment_id,
        "payflow_event_id": letter.event_id,
    }
    return {name: value for name, value in attributes.items() if value}
