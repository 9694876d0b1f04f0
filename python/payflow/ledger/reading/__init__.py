"""The read side of the ledger: proofs over the whole books, and one payment for people."""

from payflow.ledger.reading.differences import NEXT_STEPS, Difference, Proof
from payflow.ledger.reading.payment_page import PaymentPage, read_payment
from payflow.ledger.reading.snapshot import open_snapshot
from payflow.ledger.reading.verification import Verification

__all__ = [
    "NEXT_STEPS",
    "Difference",
    "PaymentPage",
    "Proof",
    "Verification",
    "open_snapshot",
    "read_payment",
]
