"""Commands: what operators ask of payments, decided under the payment's lock and sent on by the outbox."""

from payflow.ledger.commands.identifiers import new_identifier
from payflow.ledger.commands.machinery import LockedPayment, Machinery, NotAnEvent, Standing
from payflow.ledger.commands.outbox import (
    Attempt,
    Due,
    Overdue,
    due_commands,
    give_up_waiting,
    overdue_commands,
    settle,
)
from payflow.ledger.commands.taking import (
    API_SOURCE,
    Creation,
    Order,
    Refused,
    Taken,
    create_payment,
    new_payment_id,
    take_command,
)

__all__ = [
    "API_SOURCE",
    "Attempt",
    "Creation",
    "Due",
    "LockedPayment",
    "Machinery",
    "NotAnEvent",
    "Order",
    "Overdue",
    "Refused",
    "Standing",
    "Taken",
    "create_payment",
    "due_commands",
    "give_up_waiting",
    "new_identifier",
    "new_payment_id",
    "overdue_commands",
    "settle",
    "take_command",
]
