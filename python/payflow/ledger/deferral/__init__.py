"""Messages that wait in the database, and what is known of their queue's budget in flight."""

from payflow.ledger.deferral.messages import (
    Deferred,
    DeferredRow,
    Due,
    Waiting,
    defer_messages,
    due_messages,
    list_deferred,
    returned_messages,
    waiting_messages,
)
from payflow.ledger.deferral.told_budget import ToldBudget, read_budget, tell_budget

__all__ = [
    "Deferred",
    "DeferredRow",
    "Due",
    "ToldBudget",
    "Waiting",
    "defer_messages",
    "due_messages",
    "list_deferred",
    "read_budget",
    "returned_messages",
    "tell_budget",
    "waiting_messages",
]
