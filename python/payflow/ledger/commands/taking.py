"""Taking a command: weighed under the lock, written as a fact that holds its amount, put into the outbox."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from payflow.ledger.commands.identifiers import new_identifier
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    from payflow import _native
    from payflow.ledger.commands.machinery import LockedPayment, Standing

    CommandName: TypeAlias = Literal["capture", "void", "refund", "cancel"]

_SQL: Final = files("payflow.ledger.commands") / "sql"
_KEEP: Final = (_SQL / "keep.sql").read_text()
_ACTS_ON: Final = (_SQL / "acts_on.sql").read_text()

API_SOURCE: Final = "api"
"""The source of payments that are created here when nobody names one."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A command as an operator gives it."""

    payment_id: str
    command: CommandName
    amount_minor: int | None
    """None asks for all that is left."""
    reason: str | None
    actor: str
    correlation_id: str
    answer_within_s: float
    """When nothing has been heard of it for so long, its operation becomes unknown."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was granted and written, hold and all."""

    command_id: str
    operation_id: str
    amount_minor: int | None
    requested_at: datetime
    commands: dict[str, str | None]
    """Each command on the payment as it is now, and why it is refused where it is."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Why a command is not taken; nothing was written."""

    reason: str
    """A slug of rust/lifecycle/src/command.rs."""
    standing: Standing


class Creation(msgspec.Struct, frozen=True, kw_only=True):
    """A payment to be made before anything is attempted."""

    payment_id: str
    merchant_id: str
    amount_minor: int
    currency: str
    exponent: int
    source: str
    metadata: dict[str, Any] | None
    actor: str
    correlation_id: str


def new_payment_id(now: datetime) -> str:
    """Make an id for a payment that comes without one."""
    return f"pay_{new_identifier(now)}"


async def create_payment(
    locked: LockedPayment, creation: Creation, rules: _native.RuleSet
) -> tuple[str, str]:
    """Create a payment; give the machine's verdict and reason.

    A row that only anchors facts which wait becomes the payment that they waited for: those that fit apply in
    the same transaction.

    Raises:
        NotAnEvent: when a value breaks a rule of the wire, such as the source's exponent for the currency.

    """
    now = locked.clock()
    made = new_identifier(now)
    event: dict[str, object] = {
        "event_id": f"new_{made}",
        "source": creation.source,
        "type": "payment.created",
        "payment_id": creation.payment_id,
        "operation_id": f"op_{made}",
        "merchant_id": creation.merchant_id,
        "amount": {
            "value": creation.amount_minor,
            "currency": creation.currency,
            "exponent": creation.exponent,
        },
        "occurred_at": now,
        "correlation_id": creation.correlation_id,
    }
    if creation.metadata is not None:
        event["metadata"] = creation.metadata
    verdicts = await locked.apply(event, rules, creation.actor)
    return verdicts.verdict(0)


async def take_command(locked: LockedPayment, order: Order, rules: _native.RuleSet) -> Taken | Refused:
    """Weigh a command and, if it is granted, write its fact, its row of the outbox and its row of the trail.

    The caller holds the lock in an open transaction; rolled back, nothing has happened, which is a dry run.
    """
    standing = locked.standing
    if standing is None:
        raise ValueError(f"there is no payment {order.payment_id}")
    granted, refusal = locked.weigh(order.command, order.amount_minor)
    if granted is None:
        return Refused(reason=refusal or "", standing=standing)
    event_type, acts_on_source, amount_minor = granted
    now = locked.clock()
    made = new_identifier(now)
    command_id, operation_id = f"cmd_{made}", f"op_{made}"
    event: dict[str, object] = {
        "event_id": command_id,
        "source": acts_on_source or standing.source or API_SOURCE,
        "type": event_type,
        "payment_id": order.payment_id,
        "operation_id": operation_id,
        "merchant_id": standing.merchant_id,
        "occurred_at": now,
        "correlation_id": order.correlation_id,
    }
    if amount_minor is not None:
        currency, exponent = standing.currency, standing.exponent
        event["amount"] = {"value": amount_minor, "currency": currency, "exponent": exponent}
    if order.reason is not None:
        event["reason"] = order.reason
    verdicts = await locked.apply(event, rules, order.actor)
    verdict, reason = verdicts.verdict(0)
    if verdict != "apply":
        # What was weighed under this very lock always applies; anything else is a fault of ours.
        raise AssertionError(f"{order.command} on {order.payment_id}: {verdict} ({reason})")
    await _keep(locked, standing, order, event, now)
    return Taken(
        command_id=command_id,
        operation_id=operation_id,
        amount_minor=amount_minor,
        requested_at=now,
        commands=dict(verdicts.commands(0)),
    )


async def _keep(
    locked: LockedPayment, standing: Standing, order: Order, event: dict[str, object], now: datetime
) -> None:
    """Write the row of the outbox, with what the adapter gets, and tell in the trail who asked."""
    connection = locked.connection
    command_id = str(event["event_id"])
    acts_on = await connection.fetchval(_ACTS_ON, order.payment_id, order.command)
    message = {
        "command_id": command_id,
        "command": order.command,
        **{name: value for name, value in event.items() if name not in {"event_id", "type"}},
        "currency": standing.currency,
        "exponent": standing.exponent,
        "acts_on": msgspec.Raw((acts_on or "[]").encode()),
    }
    message["requested_at"] = message.pop("occurred_at")
    amount = event.get("amount")
    amount_minor = amount["value"] if isinstance(amount, dict) else None
    await connection.execute(
        _KEEP,
        *(command_id, order.payment_id, order.command, event["source"], event["operation_id"]),
        *(amount_minor, order.reason, order.actor, order.correlation_id, now),
        *(msgspec.json.encode(message).decode(), now + timedelta(seconds=order.answer_within_s)),
    )
    await record_action(
        connection,
        action=f"payment.{order.command}_requested",
        actor=order.actor,
        subject_kind="payment",
        subject_id=order.payment_id,
        payment_id=order.payment_id,
        note=order.reason,
        details={
            "command_id": command_id,
            "operation_id": event["operation_id"],
            "amount": amount,
        },
        correlation_id=order.correlation_id,
        now=now,
    )
