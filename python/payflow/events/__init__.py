"""The vocabulary of the flow: the payment event, the sources that send it, the currencies that it counts."""

from payflow.events.currencies import ISO_4217_EXPONENTS
from payflow.events.payment_event import (
    AMOUNT_MINOR_MAX,
    IDENTIFIER_LENGTH_MAX,
    MONEYLESS_TYPES,
    Amount,
    Dispute,
    DisputeStage,
    DisputeStatus,
    EventType,
    PaymentEvent,
)
from payflow.events.sources import DEFAULT_SOURCE, SourceProfile, Sources

__all__ = [
    "AMOUNT_MINOR_MAX",
    "DEFAULT_SOURCE",
    "IDENTIFIER_LENGTH_MAX",
    "ISO_4217_EXPONENTS",
    "MONEYLESS_TYPES",
    "Amount",
    "Dispute",
    "DisputeStage",
    "DisputeStatus",
    "EventType",
    "PaymentEvent",
    "SourceProfile",
    "Sources",
]
