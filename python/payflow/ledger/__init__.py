"""The ledger, where PostgreSQL decides: lock a batch's payments, read them, write what was decided."""

from payflow.ledger.dead_letters import DeadLetterRow
from payflow.ledger.faults import LedgerRaced, LedgerStalled
from payflow.ledger.ledger import Ledger, LedgerTransaction
from payflow.ledger.pool import LedgerOptions, close_pool, open_pool, prove_writable

__all__ = [
    "DeadLetterRow",
    "Ledger",
    "LedgerOptions",
    "LedgerRaced",
    "LedgerStalled",
    "LedgerTransaction",
    "close_pool",
    "open_pool",
    "prove_writable",
]
