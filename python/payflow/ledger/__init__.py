"""The ledger, where PostgreSQL decides: lock a batch's payments, read them, write what was decided."""

from payflow.ledger.dead_letters import DeadLetterRow
from payflow.ledger.faults import LedgerRaced
from payflow.ledger.ledger import Ledger, LedgerTransaction
from payflow.ledger.pool import LedgerOptions, open_pool

__all__ = ["DeadLetterRow", "Ledger", "LedgerOptions", "LedgerRaced", "LedgerTransaction", "open_pool"]
