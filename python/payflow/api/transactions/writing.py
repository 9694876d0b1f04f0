"""Creating payments, and what operators note on them: metadata and archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.routing.problems import CONFLICT, INVALID_BODY, Fault, ProblemError
from payflow.api.statements import Statement
from payflow.api.transactions.detail import no_such_payment
from payflow.api.transactions.listing import read_transaction
from payflow.decoding.rules import METADATA_BYTES_MAX
from payflow.ledger.commands import Creation, NotAnEvent, create_payment, new_payment_id
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from payflow.api.routing import Call
    from payflow.api.transactions.shapes import NewTransaction, Transaction
    from payflow.ledger.pool import Connection

__all__ = ["archive", "create", "edit_metadata", "written"]

_EDIT: Final = Statement("payflow.api.transactions", "edit")

_FIELDS: Final = {
    "$.amount.value": "/amount_minor",
    "$.amount.currency": "/currency",
    "$.amount.exponent": "/exponent",
    "$.payment_id": "/payment_id",
    "$.merchant_id": "/merchant_id",
    "$.source": "/source",
    "$.metadata": "/metadata",
    "$.reason": "/reason",
}
"""Where a field of the wire format stands in the body of a call."""


async def create(call: Call) -> Transaction:
    """Create a payment of which nothing was attempted.

    Raises:
        ProblemError: conflict, when there is one of that id, or facts under it speak against this one;
            invalid_body, when a value breaks a rule of the wire.

    """
    body: NewTransaction = call.body
    books, now = call.services.books, call.services.clock()
    payment_id = body.payment_id or new_payment_id(now)
    async with call.transaction() as connection:
        locked = await books.machinery.lock(connection, payment_id)
        standing = locked.standing
        if standing is not None and standing.currency is not None:
            raise ProblemError(CONFLICT, detail=f"there is a payment {payment_id} already")
        creation = Creation(
            payment_id=payment_id,
            merchant_id=body.merchant_id,
            amount_minor=body.amount_minor,
            currency=body.currency,
            exponent=_exponent(call, body),
            source=body.source,
            metadata=body.metadata,
            actor=call.principal.actor,
            correlation_id=call.correlation_id,
        )
        try:
            verdict, reason = await create_payment(locked, creation, await books.rules_in_force(connection))
        except NotAnEvent as error:
            raise invalid_field(error) from error
        if verdict != "apply":
            raise ProblemError(CONFLICT, detail=f"it can't be created: {reason.replace('_', ' ')}")
        await record_action(
            connection,
            action="payment.created",
            actor=call.principal.actor,
            subject_kind="payment",
            subject_id=payment_id,
            payment_id=payment_id,
            correlation_id=call.correlation_id,
            now=now,
        )
        return await written(connection, payment_id)


async def edit_metadata(call: Call) -> Transaction:
    """Put other metadata in the place of what is there; the trail keeps both.

    Raises:
        ProblemError: not_found, precondition_failed, invalid_body.

    """
    metadata: dict[str, Any] | None = call.body.metadata
    encoded = msgspec.json.encode(metadata).decode()
    if len(encoded.encode()) > METADATA_BYTES_MAX:
        rule = f"must be at most {METADATA_BYTES_MAX} bytes as compact JSON"
        raise ProblemError(INVALID_BODY, detail=f"metadata: {rule}", errors=[Fault("/metadata", rule)])
    return await _edit(call, "payment.metadata_changed", {"metadata": metadata}, metadata=encoded)


async def archive(call: Call, *, wanted: bool) -> Transaction:
    """Put a payment into the archive, or take it out; facts go on being applied to it.

    Raises:
        ProblemError: not_found, precondition_failed.

    """
    action = "payment.archived" if wanted else "payment.unarchived"
    return await _edit(
        call, action, None, archive=True if wanted else None, unarchive=None if wanted else True
    )


async def _edit(call: Call, action: str, details: dict[str, Any] | None, **change: object) -> Transaction:
    payment_id, now = call.path["payment_id"], call.services.clock()
    async with call.transaction() as connection:
        locked = await call.services.books.machinery.lock(connection, payment_id)
        if locked.standing is None:
            raise no_such_payment(payment_id)
        call.require_version(locked.standing.version)
        text, parameters = _EDIT.fill(payment_id=payment_id, now=now, **change)
        await connection.execute(text, *parameters)
        await record_action(
            connection,
            action=action,
            actor=call.principal.actor,
            subject_kind="payment",
            subject_id=payment_id,
            payment_id=payment_id,
            details=details,
            correlation_id=call.correlation_id,
            now=now,
        )
        return await written(connection, payment_id)


async def written(connection: Connection, payment_id: str) -> Transaction:
    """Read a payment that this transaction has written."""
    found = await read_transaction(connection, payment_id)
    if found is None:
        raise LookupError(f"{payment_id} was written in this transaction and is not there")
    return found


def invalid_field(error: NotAnEvent) -> ProblemError:
    """Tell in the body's words which field breaks a rule of the wire."""
    pointer = _FIELDS.get(error.path, error.path.removeprefix("$").replace(".", "/"))
    return ProblemError(INVALID_BODY, detail=error.rule, errors=[Fault(pointer, error.rule)])


def _exponent(call: Call, body: NewTransaction) -> int:
    if body.exponent is not None:
        return body.exponent
    exponent = call.services.books.sources.exponents(body.source).get(body.currency)
    if exponent is None:
        rule = f"{body.currency} is no ISO 4217 currency"
        raise ProblemError(INVALID_BODY, detail=f"currency: {rule}", errors=[Fault("/currency", rule)])
    return exponent
