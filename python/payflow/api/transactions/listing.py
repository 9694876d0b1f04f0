"""The list of payments: any filter, three orders, pages by key in both directions, and a bounded search."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.routing.listing import COUNT_MAX, page, window
from payflow.api.statements import Statement
from payflow.api.transactions.shapes import Sums, Transaction
from payflow.ledger.derived_sums import derived_sums

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payflow.api.routing import Call
    from payflow.api.routing.listing import Page, Window
    from payflow.api.transactions.shapes import TransactionsQuery
    from payflow.ledger.pool import Connection

__all__ = ["list_transactions", "read_transaction", "transaction_of"]

EXAMINED_MAX: Final = 10_000
"""Payments that one page of a search through metadata looks at."""
CANDIDATES_MAX: Final = 200
"""Where more ids than this begin with the text, it is searched for like a part of the metadata."""
_LAST: Final = "\U0010ffff"
"""Ids compare by code point, so that none which begins with a text comes after the text and this."""

_PACKAGE: Final = "payflow.api.transactions"
_LIST: Final = Statement(_PACKAGE, "list")
_SCAN: Final = Statement(_PACKAGE, "scan")
_COUNT: Final = Statement(_PACKAGE, "count")
_CANDIDATES: Final = Statement(_PACKAGE, "candidates")
_ONE: Final = Statement(_PACKAGE, "one")

_SUMS: Final = (
    "authorized_minor",
    "released_minor",
    "captured_minor",
    "capture_failed_minor",
    "refunded_minor",
    "disputed_minor",
    "capture_pending_minor",
    "refund_pending_minor",
    "release_pending_minor",
)


async def list_transactions(call: Call) -> Page[Transaction]:
    """Read one page."""
    query: TransactionsQuery = call.query
    asked = window(call)
    chosen = _chosen(query)
    ordered = _ordered(query.sort, asked)
    async with call.reading() as connection:
        if query.text is not None:
            named = await _candidates(connection, query.text)
            if not named:
                return await _search(call, asked, connection, chosen | ordered, query.text)
            chosen["payment_ids"] = named
        text, parameters = _LIST.fill(**chosen, **ordered, limit=asked.limit + 1)
        rows = await connection.fetch(text, *parameters)
        counted = await _count(connection, chosen) if query.count else None
    return page(call, asked, rows, key=_key(query.sort), shape=transaction_of, counted=counted)


async def read_transaction(connection: Connection, payment_id: str) -> Transaction | None:
    """Read one payment as lists show it; None when there is none of that id."""
    text, parameters = _ONE.fill(payment_id=payment_id)
    row = await connection.fetchrow(text, *parameters)
    return None if row is None else transaction_of(row)


def transaction_of(row: Mapping[str, Any]) -> Transaction:
    """Make the item of a row."""
    return Transaction(**fields_of(row))


def fields_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a payment by their names on the wire."""
    sums = {name: row[name] for name in _SUMS}
    metadata = row["metadata"]
    return {
        "payment_id": row["payment_id"],
        "merchant_id": row["merchant_id"],
        "source": row["source"],
        "currency": row["currency"],
        "exponent": row["exponent"],
        "amount_minor": row["amount_minor"],
        "status": row["status"],
        "dispute_status": row["dispute_status"],
        "sums": Sums(**sums, **derived_sums(sums)),
        "version": row["version"],
        "metadata": None if metadata is None else msgspec.json.decode(metadata),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "archived": row["archived"],
        "open_alerts": row["open_alerts"],
    }


async def _candidates(connection: Connection, text: str) -> list[str]:
    """Give the payments that are meant by the begin of an id; none where that means too many."""
    statement, parameters = _CANDIDATES.fill(text=text, behind_text=text + _LAST, most=CANDIDATES_MAX + 1)
    named = [row["payment_id"] for row in await connection.fetch(statement, *parameters)]
    return named if len(named) <= CANDIDATES_MAX else []


async def _search(
    call: Call, asked: Window, connection: Connection, chosen: dict[str, Any], text: str
) -> Page[Transaction]:
    """Look through the next payments of the order; a page may be short and go on all the same."""
    statement, parameters = _SCAN.fill(**chosen, text=text, examined=EXAMINED_MAX, limit=asked.limit + 1)
    rows = await connection.fetch(statement, *parameters)
    key = _key(call.query.sort)
    found = [row for row in rows if row["found"]]
    stopped_at = key(rows[-1]) if rows and not rows[-1]["found"] else None
    return page(call, asked, found, key=key, shape=transaction_of, stopped_at=stopped_at)


async def _count(connection: Connection, chosen: Mapping[str, Any]) -> int:
    text, parameters = _COUNT.fill(**chosen, count_max=COUNT_MAX + 1)
    return int(await connection.fetchval(text, *parameters))


def _chosen(query: TransactionsQuery) -> dict[str, Any]:
    """Give the filters by the names that the statements know; one value is not a set of one.

    An equality leaves the index free to give the order, which a set does not.
    """
    chosen: dict[str, Any] = {
        "merchant_id": query.merchant_id,
        "source": query.source,
        "amount_min_minor": query.amount_min_minor,
        "amount_max_minor": query.amount_max_minor,
        "created_from": query.created_from,
        "created_to": query.created_to,
        "archived": True if query.archived == "true" else None,
        "not_archived": True if query.archived == "false" else None,
    }
    for one, many, values in (
        ("status", "statuses", query.status),
        ("dispute_status", "dispute_statuses", query.dispute_status),
        ("currency", "currencies", query.currency),
    ):
        distinct = sorted(set(values or ()))
        chosen |= {one: distinct[0]} if len(distinct) == 1 else {many: distinct or None}
    if query.dispute_status and "none" not in query.dispute_status:
        chosen["disputed"] = True
    return chosen


def _ordered(sort: str, asked: Window) -> dict[str, Any]:
    """Give the order, and the position behind which the page begins."""
    column = sort.removeprefix("-")
    falling = sort.startswith("-") is not asked.backwards
    ordered: dict[str, Any] = {f"{'falling' if falling else 'rising'}_{column}": True}
    if asked.position is not None:
        place, payment_id = asked.position
        ordered[f"{'below' if falling else 'above'}_{column}"] = True
        ordered[column] = place if column == "amount_minor" else datetime.fromisoformat(place)
        ordered["payment_id"] = payment_id
    return ordered


def _key(sort: str) -> Any:
    column = sort.removeprefix("-")

    def key(row: Mapping[str, Any]) -> Sequence[Any]:
        place = row[column]
        return (place.isoformat() if isinstance(place, datetime) else place), row["payment_id"]

    return key
