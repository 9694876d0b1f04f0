"""Messages that no decoder may accept, one maker for each way to be wrong.

`MALFORMED` is for tests of the decoder and holds them all. `SENDABLE`, which the stream draws from, lacks
what SQS itself refuses (bytes that are not text) and what would crowd a batch of ten (oversized messages).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from payflow.workload.envelopes import event_bridge, sns_notification

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from payflow.workload.draft import Fact

JUNK_BYTES = 1 << 20
NESTING_DEPTH = 2_000
REQUIRED_FIELDS = (
    "event_id",
    "source",
    "type",
    "payment_id",
    "operation_id",
    "merchant_id",
    "amount",
    "occurred_at",
)


def _with(**changes: Any) -> Callable[[Fact], bytes]:
    """Return a maker that replaces fields of the event."""
    return lambda fact: orjson.dumps({**fact, **changes})


def _without(name: str) -> Callable[[Fact], bytes]:
    return lambda fact: orjson.dumps({key: value for key, value in fact.items() if key != name})


def _amount(**changes: Any) -> Callable[[Fact], bytes]:
    """Return a maker that replaces parts of the amount."""
    return lambda fact: orjson.dumps({**fact, "amount": {**fact["amount"], **changes}})


def _wrong_exponent(fact: Fact) -> bytes:
    return _amount(exponent=(fact["amount"]["exponent"] + 1) % 5)(fact)


def _nested(fact: Fact) -> bytes:
    deep = b'{"a":' * NESTING_DEPTH + b"1" + b"}" * NESTING_DEPTH
    return orjson.dumps(fact)[:-1] + b',"nested":' + deep + b"}"


def _envelope_in_envelope(fact: Fact) -> bytes:
    return orjson.dumps({**orjson.loads(event_bridge(fact)), "detail": orjson.loads(sns_notification(fact))})


SENDABLE: Mapping[str, Callable[[Fact], bytes]] = {
    "not_json": lambda _: b"payment captured, see attachment",
    "truncated_json": lambda fact: orjson.dumps(fact)[:-20],
    "not_an_object": lambda fact: orjson.dumps([fact]),
    "null": lambda _: b"null",
    **{f"missing_{name}": _without(name) for name in REQUIRED_FIELDS},
    "empty_event_id": _with(event_id=""),
    "long_event_id": _with(event_id="e" * 129),
    "unprintable_payment_id": _with(payment_id="pay\u0000\u0007"),
    "numeric_payment_id": _with(payment_id=42),
    "source_in_capitals": _with(source="Stripe Inc."),
    "unknown_type": _with(type="capture.maybe"),
    "amount_zero": _amount(value=0),
    "amount_negative": _amount(value=-100),
    "amount_huge": _amount(value=2**53),
    "amount_fractional": _amount(value=12.5),
    "amount_as_text": _amount(value="1000"),
    "amount_null": _with(amount=None),
    "amount_as_number": _with(amount=1000),
    "wrong_exponent": _wrong_exponent,
    "exponent_out_of_range": _amount(exponent=5),
    "unknown_currency": _amount(currency="XXQ"),
    "currency_in_small_letters": _amount(currency="eur"),
    "occurred_at_without_offset": _with(occurred_at="2026-11-22T10:00:00"),
    "occurred_at_as_number": _with(occurred_at=1_764_000_000),
    "occurred_at_far_in_the_future": _with(occurred_at="2999-01-01T00:00:00Z"),
    "long_reason": _with(reason="r" * 65),
    "metadata_as_list": _with(metadata=["order"]),
    "metadata_with_object": _with(metadata={"order": {"id": 1}}),
    "metadata_too_large": _with(metadata={"note": "n" * 4_097}),
    "nested_too_deep": _nested,
    "envelope_in_envelope": _envelope_in_envelope,
}
"""Makers of malformed messages that SQS carries, by name; each takes a valid fact that has an amount."""

MALFORMED: Mapping[str, Callable[[Fact], bytes]] = {
    **SENDABLE,
    "not_utf8": lambda fact: orjson.dumps(fact).replace(b"evt_", b"\xff\xfe"),
    "junk": lambda _: b"\x7b" * JUNK_BYTES,
    "oversized": _with(padding="p" * (256 * 1024)),
}
"""All makers of malformed messages, by name."""
