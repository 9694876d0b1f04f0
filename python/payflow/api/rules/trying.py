"""What a condition would have matched among the newest events, in bounded time and beside the event loop.

Events are tried from the newest to the oldest. What the trail knows exactly is taken from it: verdict,
reason, and the payment's status and version before and after. Its sums are those of now, less what the events
tried so far have moved: so conditions on how a sum was crossed find the event that crossed it. What else
moved a sum, such as a parked fact that was applied later, is not taken back.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.rules.shapes import Tried, TriedEvent
from payflow.ledger.reading.payment_page import Sums
from payflow.rules import Rule, Severity, compile_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from asyncpg import Record

    from payflow._native import RuleSet
    from payflow.api.routing import Call
    from payflow.api.rules.shapes import TryCondition

__all__ = ["compile_one", "try_condition"]

ROWS_MAX: Final = 20_000
"""Rows of the trail among which first sights are looked for."""
TIME_MAX_S: Final = 2.0
SAMPLE_MAX: Final = 20
AT_ONCE_MAX: Final = 2
"""Tries at once in one process; more wait, as long as a call may."""

_RECENT: Final = (files("payflow.api.rules") / "sql" / "recent.sql").read_text()
_MOVES: Final[Mapping[str, Mapping[str, int]]] = {
    "authorization.succeeded": {"authorized_minor": 1},
    "authorization.released": {"released_minor": 1},
    "sale.succeeded": {"authorized_minor": 1, "captured_minor": 1},
    "capture.succeeded": {"captured_minor": 1},
    "capture.failed": {"capture_failed_minor": 1},
    "refund.succeeded": {"refunded_minor": 1},
    "dispute.funds_withdrawn": {"disputed_minor": 1},
    "dispute.funds_reinstated": {"disputed_minor": -1},
}
"""Which sums an applied event moves by its amount."""
_DERIVED: Final = ("capturable_minor", "refundable_minor", "over_returned_minor")
_turns: Final = asyncio.Semaphore(AT_ONCE_MAX)


class _Amount(msgspec.Struct):
    value: int
    currency: str
    exponent: int


class _Dispute(msgspec.Struct):
    stage: str = ""
    status: str = ""


class _Payload(msgspec.Struct):
    """What conditions see of an event beyond what its row of the trail has."""

    operation_id: str = ""
    merchant_id: str = ""
    parent_id: str | None = None
    reason: str | None = None
    amount: _Amount | None = None
    dispute: _Dispute | None = None


_decode = msgspec.json.Decoder(_Payload).decode


def compile_one(condition: str) -> RuleSet:
    """Compile a condition alone.

    Raises:
        RulesRefused: says what is wrong with it.

    """
    rule = Rule(rule_id=0, name="condition", version=1, severity=Severity.INFO, condition=condition)
    return compile_rules([rule])


async def try_condition(call: Call) -> Tried:
    """Try the condition of the call on the newest events.

    Raises:
        RulesRefused: the condition does not compile.

    """
    body: TryCondition = call.body
    compiled = await asyncio.to_thread(compile_one, body.condition)
    async with _turns:
        async with call.reading() as connection:
            rows = await connection.fetch(_RECENT, body.limit, ROWS_MAX, body.since)
        return await asyncio.to_thread(_try_all, compiled, rows, time.monotonic() + TIME_MAX_S)


def _try_all(compiled: RuleSet, rows: Sequence[Record], until_s: float) -> Tried:
    matches, tried = 0, 0
    sample: list[TriedEvent] = []
    taken_back: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if time.monotonic() > until_s:
            break
        tried += 1
        payload = _decode(row["payload"])
        if compiled.try_facts(_facts(row, payload, taken_back[row["payment_id"]])):
            matches += 1
            if len(sample) < SAMPLE_MAX:
                sample.append(_told(row, payload))
    return Tried(
        events=tried,
        matches=matches,
        errors=sum(compiled.evaluation_errors().values()),
        complete=tried == len(rows),
        sample=sample,
    )


def _facts(row: Record, payload: _Payload, taken_back: Counter[str]) -> dict[str, Any]:
    """Give what a condition sees, and take back what the event moved."""
    amount, dispute = payload.amount, payload.dispute
    after = _standing(row, taken_back, row["to_status"], row["version"])
    return {
        "event": {
            "id": row["event_id"],
            "source": row["source"],
            "type": row["type"],
            "payment_id": row["payment_id"],
            "operation_id": payload.operation_id,
            "merchant_id": payload.merchant_id,
            "parent_id": payload.parent_id,
            "reason": payload.reason,
            "amount_minor": amount.value if amount else None,
            "currency": amount.currency if amount else None,
            "exponent": amount.exponent if amount else None,
            "occurred_at_us": _us(row["occurred_at"]),
            "dispute_stage": dispute.stage if dispute else None,
            "dispute_status": dispute.status if dispute else None,
        },
        "payment": after,
        "before": _before(row, payload, taken_back),
        "verdict": row["verdict"],
        "reason": row["reason"],
    }


def _before(row: Record, payload: _Payload, taken_back: Counter[str]) -> dict[str, Any] | None:
    version = row["version"]
    if row["verdict"] == "apply":
        amount_minor = payload.amount.value if payload.amount else 0
        for name, sign in _MOVES.get(row["type"], {}).items():
            taken_back[name] += sign * amount_minor
        version = None if version is None else version - 1
    return None if row["from_status"] is None else _standing(row, taken_back, row["from_status"], version)


def _standing(
    row: Record, taken_back: Counter[str], status: str | None, version: int | None
) -> dict[str, Any]:
    sums = Sums(**{name: (row[name] or 0) - taken_back[name] for name in Sums.__dataclass_fields__})
    return {
        "merchant_id": row["merchant_id"],
        "currency": row["currency"],
        "exponent": row["exponent"],
        "status": status,
        "dispute_status": row["dispute_status"],
        "version": version,
        **{name: getattr(sums, name) for name in Sums.__dataclass_fields__ if not name.startswith("over")},
        **{name: getattr(sums, name) for name in _DERIVED},
    }


def _told(row: Record, payload: _Payload) -> TriedEvent:
    amount = payload.amount
    return TriedEvent(
        payment_id=row["payment_id"],
        event_id=row["event_id"],
        type=row["type"],
        amount_minor=amount.value if amount else None,
        currency=amount.currency if amount else None,
        exponent=amount.exponent if amount else None,
        recorded_at=row["recorded_at"],
    )


def _us(moment: datetime | None) -> int:
    return 0 if moment is None else round(moment.timestamp() * 1_000_000)
