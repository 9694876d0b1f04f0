"""Whatever the bytes are, each body ends as one event or one reason, and what comes out can be stored."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from payflow.decoding import Decoded, Decoder
from payflow.events import Sources

DECODER = Decoder(Sources.load(), lambda: datetime(2026, 11, 23, tzinfo=UTC))
EVENT: dict[str, Any] = {
    "event_id": "evt_1",
    "source": "adyen",
    "type": "dispute.closed",
    "payment_id": "pay_1",
    "operation_id": "op_1",
    "merchant_id": "m_1",
    "amount": {"value": 12_345, "currency": "EUR", "exponent": 2},
    "occurred_at": "2026-11-22T10:00:00.123Z",
    "correlation_id": "c_1",
    "reason": "fraud",
    "dispute": {"stage": "inquiry", "status": "won", "due_at": "2026-11-22T10:00:00Z"},
    "metadata": {"a": 1},
}
ENVELOPE_FIELDS = ("specversion", "Type", "detail-type", "data", "detail", "Message", "id", "subject", "time")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
events = st.dictionaries(st.sampled_from([*EVENT, *ENVELOPE_FIELDS]), json_values, max_size=3).map(
    lambda changes: EVENT | changes
)


def check(bodies: list[bytes]) -> Decoded:
    decoded = DECODER.decode(bodies)
    assert len(decoded.events) == len(decoded.payloads) == len(decoded.indexes)
    indexes = decoded.indexes + [malformed.index for malformed in decoded.malformed]
    assert sorted(indexes) == list(range(len(bodies)))
    for event, payload in zip(decoded.events, decoded.payloads, strict=True):
        assert "\0" not in payload.decode()
        texts = (
            event.event_id,
            event.payment_id,
            event.operation_id,
            event.merchant_id,
            event.parent_id or "-",
            event.correlation_id,
            event.reason or "-",
        )
        assert all(text.isprintable() and 1 <= len(text) <= 128 for text in texts)
        assert event.occurred_at.timestamp() >= 0
    for malformed in decoded.malformed:
        assert malformed.rule.isprintable()
        assert malformed.path.isprintable()
    return decoded


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_any_bytes(bodies: list[bytes]) -> None:
    check(bodies)


@settings(deadline=None)
@given(st.lists(json_values.map(lambda value: json.dumps(value).encode()), max_size=3))
def test_any_json(bodies: list[bytes]) -> None:
    check(bodies)


@settings(deadline=None)
@given(events)
def test_events_with_any_value_in_any_field(event: dict[str, Any]) -> None:
    check([json.dumps(event).encode()])


@settings(deadline=None)
@given(events, st.sampled_from(["sns", "detail", "data"]))
def test_envelopes_with_any_event(event: dict[str, Any], envelope: str) -> None:
    envelopes: dict[str, dict[str, Any]] = {
        "sns": {"Type": "Notification", "Message": json.dumps(event)},
        "detail": {"detail-type": "x", "detail": event},
        "data": {"specversion": "1.0", "data": event},
    }
    check([json.dumps(envelopes[envelope]).encode()])


@settings(deadline=None)
@given(st.data())
def test_events_with_damaged_bytes(data: st.DataObject) -> None:
    body = bytearray(json.dumps(EVENT).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    check([bytes(body)])


@settings(deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=20))
def test_an_identifier_is_either_kept_as_it_is_or_refused(text: str) -> None:
    decoded = check([json.dumps(EVENT | {"payment_id": text}).encode()])
    assert [event.payment_id for event in decoded.events] == [text] * len(decoded.events)
    assert bool(decoded.events) == text.isprintable()
