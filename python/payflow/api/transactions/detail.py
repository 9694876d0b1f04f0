"""One payment with all that is known of it, and its timeline page by page."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from msgspec import Raw

from payflow import _native
from payflow.api.routing.listing import COUNT_MAX, page, window
from payflow.api.routing.problems import NOT_FOUND, ProblemError
from payflow.api.statements import Statement
from payflow.api.transactions.listing import fields_of
from payflow.api.transactions.refusals import explained
from payflow.api.transactions.shapes import (
    Command,
    Operation,
    PaymentAlert,
    PaymentLetter,
    TimelineEntry,
    TransactionDetail,
    WaitingFact,
)
from payflow.ledger.quarantine.parked import NEEDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payflow.api.routing import Call
    from payflow.api.routing.listing import Page
    from payflow.ledger.pool import Connection

__all__ = ["commands_of", "no_such_payment", "read_detail", "read_timeline"]

ENTRIES_MAX: Final = 200
"""Entries of each list of a detail: a payment may be delivered any number of times."""

_PACKAGE: Final = "payflow.api.transactions"
_SQL: Final = files(_PACKAGE) / "sql"
_ONE: Final = Statement(_PACKAGE, "one")
_WHOLE: Final = Statement(_PACKAGE, "whole")
_TIMELINE: Final = Statement(_PACKAGE, "timeline")
_TIMELINE_COUNT: Final = Statement(_PACKAGE, "timeline_count")
_OPERATIONS: Final = (_SQL / "operations.sql").read_text()
_PARKED: Final = (_SQL / "parked.sql").read_text()
_ALERTS: Final = (_SQL / "alerts.sql").read_text()
_LETTERS: Final = (_SQL / "letters.sql").read_text()
_COMMANDS: Final = (_SQL / "commands.sql").read_text()


async def read_detail(call: Call, *, connected: bool) -> TransactionDetail:
    """Read a payment; ``connected`` says whether commands have somewhere to go.

    Raises:
        ProblemError: not_found.

    """
    payment_id = call.path["payment_id"]
    text, parameters = _WHOLE.fill(payment_id=payment_id)
    timeline, newest = _TIMELINE.fill(payment_id=payment_id, falling=True, limit=ENTRIES_MAX)
    # One snapshot, so that the sums are those of the operations beside them.
    async with (
        call.reading() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        row = await connection.fetchrow(text, *parameters)
        if row is None:
            raise no_such_payment(payment_id)
        operations = await connection.fetch(_OPERATIONS, payment_id, ENTRIES_MAX)
        entries = await connection.fetch(timeline, *newest)

        async def listed(there: bool, statement: str) -> Sequence[Mapping[str, Any]]:
            return await connection.fetch(statement, payment_id, ENTRIES_MAX) if there else ()

        parked = await listed(row["has_parked"], _PARKED)
        alerts = await listed(row["has_alerts"], _ALERTS)
        letters = await listed(row["has_letters"], _LETTERS)
        commands = await listed(row["has_commands"], _COMMANDS)
    fields = fields_of(row)
    refusals = explained(_weighed(row, operations), fields["sums"], fields["status"], connected=connected)
    return TransactionDetail(
        **fields,
        operations=[_operation(entry) for entry in operations],
        timeline=[_entry(entry) for entry in entries],
        parked=[
            WaitingFact(**fact, waiting_for=NEEDS.get(fact["reason"], fact["reason"])) for fact in parked
        ],
        alerts=[PaymentAlert(**alert) for alert in alerts],
        dead_letters=[PaymentLetter(**letter) for letter in letters],
        commands=[Command(**command) for command in commands],
        allowed_commands=refusals.allowed,
        refusals=refusals.reasons,
    )


async def read_timeline(call: Call) -> Page[TimelineEntry]:
    """Read one page of what happened to a payment, the newest first.

    Raises:
        ProblemError: not_found.

    """
    payment_id, asked = call.path["payment_id"], window(call)
    order: dict[str, Any] = {"rising" if asked.backwards else "falling": True}
    if asked.position is not None:
        order["above" if asked.backwards else "below"] = asked.position[0]
    text, parameters = _TIMELINE.fill(payment_id=payment_id, limit=asked.limit + 1, **order)
    counted = None
    async with call.reading() as connection:
        exists, one = _ONE.fill(payment_id=payment_id)
        if await connection.fetchrow(exists, *one) is None:
            raise no_such_payment(payment_id)
        rows = await connection.fetch(text, *parameters)
        if call.query.count:
            count, counting = _TIMELINE_COUNT.fill(payment_id=payment_id, count_max=COUNT_MAX + 1)
            counted = int(await connection.fetchval(count, *counting))
    return page(call, asked, rows, key=lambda row: (row["audit_id"],), shape=_entry, counted=counted)


async def commands_of(connection: Connection, payment_id: str, limit: int = ENTRIES_MAX) -> list[Command]:
    """Read what was asked of a payment, the latest first."""
    return [Command(**row) for row in await connection.fetch(_COMMANDS, payment_id, limit)]


def no_such_payment(payment_id: str) -> ProblemError:
    """Say that there is no payment of that id."""
    return ProblemError(NOT_FOUND, detail=f"there is no payment {payment_id}")


def _weighed(row: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    """Ask the machine which commands the payment would take now."""
    sums = [
        *(row[name] for name in ("authorized_minor", "released_minor", "captured_minor")),
        *(row[name] for name in ("capture_failed_minor", "refunded_minor", "disputed_minor")),
        *(row[name] for name in ("capture_pending_minor", "refund_pending_minor", "release_pending_minor")),
        0,
    ]
    told = [
        (
            operation["source"],
            operation["kind"],
            operation["operation_id"],
            operation["rank"],
            int(operation["occurred_at"].timestamp() * 1_000_000),
        )
        for operation in operations
    ]
    return _native.allowed_commands(row["currency"] is not None, row["status"], sums, told)


def _operation(row: Mapping[str, Any]) -> Operation:
    return Operation(**{name: row[name] for name in Operation.__struct_fields__})


def _entry(row: Mapping[str, Any]) -> TimelineEntry:
    fields = dict(row)
    payload = fields.pop("payload")
    return TimelineEntry(
        **fields | {"audit_id": str(row["audit_id"])},
        payload=None if payload is None else Raw(payload.encode()),
    )
