"""The four commands: weighed under the lock, written with their hold, and sent by the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.api.routing.problems import PAYMENT_STATE_CONFLICT, ProblemError
from payflow.api.routing.route import Answer
from payflow.api.transactions.detail import commands_of, no_such_payment
from payflow.api.transactions.refusals import NOT_CONNECTED, explained, refused
from payflow.api.transactions.shapes import CommandOutcome, SumChange
from payflow.api.transactions.writing import invalid_field, written
from payflow.ledger.commands import NotAnEvent, Order, Refused, take_command

if TYPE_CHECKING:
    from payflow.api.routing import Call
    from payflow.api.transactions.shapes import CommandName, Transaction
    from payflow.ledger.pool import Connection

__all__ = ["command", "connected"]


def connected(call: Call) -> bool:
    """Tell whether commands have somewhere to go."""
    return call.services.settings.commands.queue_name is not None


async def command(call: Call, name: CommandName) -> Answer:
    """Take a command, or do all of it and take it back: a dry run goes the very same way.

    Raises:
        ProblemError: not_found, precondition_failed, payment_state_conflict, amount_exceeds_capturable,
            amount_exceeds_refundable, invalid_body.

    """
    payment_id = call.path["payment_id"]
    async with call.transaction() as connection:
        # Whatever ends this early takes the transaction around it along.
        trial = connection.transaction()
        await trial.start()
        outcome = await _do(call, name, connection, payment_id)
        if call.query.dry_run:
            await trial.rollback()
            return Answer(200, outcome)
        await trial.commit()
    call.after_commit(call.services.books.wake_dispatcher)
    return Answer(202, outcome, {"etag": f'"{outcome.transaction.version}"'})


async def _do(call: Call, name: CommandName, connection: Connection, payment_id: str) -> CommandOutcome:
    books = call.services.books
    locked = await books.machinery.lock(connection, payment_id)
    if locked.standing is None:
        raise no_such_payment(payment_id)
    call.require_version(locked.standing.version)
    before = await written(connection, payment_id)
    if not connected(call):
        raise ProblemError(PAYMENT_STATE_CONFLICT, detail=NOT_CONNECTED, allowed_commands=[])
    try:
        taken = await take_command(locked, _order(call, name), await books.rules_in_force(connection))
    except NotAnEvent as error:
        raise invalid_field(error) from error
    if isinstance(taken, Refused):
        allowed = [other for other in _COMMANDS if locked.weigh(other, None)[1] is None]
        raise refused(name, taken.reason, before.sums, before.status, allowed)
    after = await written(connection, payment_id)
    kept = None if call.query.dry_run else (await commands_of(connection, payment_id, 1))[0]
    refusals = explained(list(taken.commands.items()), after.sums, after.status, connected=True)
    return CommandOutcome(
        command=kept,
        transaction=after,
        changes=_changes(before, after),
        dry_run=call.query.dry_run,
        allowed_commands=refusals.allowed,
    )


_COMMANDS: tuple[CommandName, ...] = ("capture", "void", "refund", "cancel")


def _order(call: Call, name: CommandName) -> Order:
    return Order(
        payment_id=call.path["payment_id"],
        command=name,
        amount_minor=getattr(call.body, "amount_minor", None),
        reason=call.body.reason,
        actor=call.principal.actor,
        correlation_id=call.correlation_id,
        answer_within_s=call.services.settings.commands.answer_timeout_s,
    )


def _changes(before: Transaction, after: Transaction) -> dict[str, SumChange]:
    """Give each sum that the command moved."""
    return {
        name: SumChange(getattr(before.sums, name), getattr(after.sums, name))
        for name in before.sums.__struct_fields__
        if getattr(before.sums, name) != getattr(after.sums, name)
    }
