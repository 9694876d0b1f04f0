"""The ledger: PostgreSQL decides. Locks a batch's payments, reads what is known of them, writes what was decided."""

from payflow.ledger.dead_letters import DeadLetterRow
from payflow.ledger.faults import LedgerRaced
from payflow.ledger.ledger import Ledger, LedgerTransaction
from payflow.ledger.pool import LedgerOptions, open_pool

__all__ = ["DeadLetterRow", "Ledger", "LedgerOptions", "LedgerRaced", "LedgerTransaction", "open_pool"]
