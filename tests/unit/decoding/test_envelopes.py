import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from payflow.decoding import Decoder, Reason
from payflow.events import Sources

EVENT: dict[str, Any] = {
    "event_id": "evt_1",
    "source": "adyen",
    "type": "capture.succeeded",
    "payment_id": "pay_1",
    "operation_id": "op_1",
    "merchant_id": "m_1",
    "amount": {"value": 12_345, "currency": "EUR", "exponent": 2},
    "occurred_at": "2026-11-22T10:00:00.123Z",
    "correlation_id": "c_1",
    "unlisted": 1.10,
}


@pytest.fixture
def decoder() -> Decoder:
    return Decoder(Sources.load(), lambda: datetime(2026, 11, 23, tzinfo=UTC))


def cloudevents(event: dict[str, Any] = EVENT, **changes: Any) -> dict[str, Any]:
    data = dict(event)
    return {
        "specversion": "1.0",
        "id": data.pop("event_id"),
        "source": data.pop("source"),
        "type": data.pop("type"),
        "subject": data.pop("payment_id"),
        "time": data.pop("occurred_at"),
        "datacontenttype": "application/json",
        "data": data,
    } | changes


def sns(message: str) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "1", "TopicArn": "arn", "Message": message}


def eventbridge(detail: Any) -> dict[str, Any]:
    return {"version": "0", "id": "1", "detail-type": "Payment", "source": "mine", "detail": detail}


ENVELOPES = {
    "cloudevents": cloudevents(),
    "sns": sns(json.dumps(EVENT)),
    "eventbridge": eventbridge(EVENT),
}


@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES.keys())
def test_an_event_is_the_same_in_every_envelope(decoder: Decoder, envelope: dict[str, Any]) -> None:
    plain, wrapped = decoder.decode([json.dumps(EVENT).encode(), json.dumps(envelope).encode()]).events
    assert wrapped == plain


@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES.keys())
def test_the_payload_is_the_event_without_its_envelope(decoder: Decoder, envelope: dict[str, Any]) -> None:
    (payload,) = decoder.decode([json.dumps(envelope).encode()]).payloads
    assert json.loads(payload) == EVENT


def test_numbers_pass_through_an_envelope_as_they_were_written(decoder: Decoder) -> None:
    given = json.dumps(cloudevents()).replace("1.1", "1.100000000000000000000000001").encode()
    assert b"1.100000000000000000000000001" in decoder.decode([given]).payloads[0]


def test_cloudevents_data_may_hold_what_the_envelope_leaves_out(decoder: Decoder) -> None:
    envelope = cloudevents()
    del envelope["subject"], envelope["time"]
    envelope["data"] |= {"payment_id": "pay_1", "occurred_at": EVENT["occurred_at"], "event_id": "evt_1"}
    assert decoder.decode([json.dumps(envelope).encode()]).events[0].payment_id == "pay_1"


REFUSED: dict[str, tuple[Any, Reason, str]] = {
    "a cloudevent that contradicts its data": (
        cloudevents(data=EVENT | {"event_id": "evt_2"}),
        Reason.ENVELOPE_CONFLICT,
        "$.data.event_id",
    ),
    "a cloudevent without data": (
        {key: value for key, value in cloudevents().items() if key != "data"},
        Reason.ENVELOPE_INVALID,
        "$.data",
    ),
    "a cloudevent whose data is text": (cloudevents(data="x"), Reason.ENVELOPE_INVALID, "$.data"),
    "a cloudevent whose data lacks a field": (cloudevents(data={}), Reason.MISSING_FIELD, "$.operation_id"),
    "a notification without message": ({"Type": "Notification"}, Reason.ENVELOPE_INVALID, "$.Message"),
    "a notification whose message is an object": (
        {"Type": "Notification", "Message": EVENT},
        Reason.ENVELOPE_INVALID,
        "$.Message",
    ),
    "a notification with junk": (sns("junk"), Reason.NOT_JSON, "$"),
    "a subscription confirmation": (
        {"Type": "SubscriptionConfirmation", "Message": "x"},
        Reason.MISSING_FIELD,
        "$.event_id",
    ),
    "an eventbridge event without detail": ({"detail-type": "x"}, Reason.ENVELOPE_INVALID, "$.detail"),
    "an eventbridge event whose detail is text": (eventbridge("x"), Reason.NOT_AN_OBJECT, "$"),
    "a bad event in an envelope": (
        eventbridge(EVENT | {"amount": {"value": 0, "currency": "EUR", "exponent": 2}}),
        Reason.INVALID_AMOUNT,
        "$.amount.value",
    ),
    "an event above its size in an envelope": (
        eventbridge(EVENT | {"other": "x" * 262_144}),
        Reason.TOO_LARGE,
        "$",
    ),
    **{
        f"{inner} in {outer}": (envelope, Reason.ENVELOPE_NESTED, "$")
        for inner, wrapped in ENVELOPES.items()
        for outer, envelope in {
            "sns": sns(json.dumps(wrapped)),
            "eventbridge": eventbridge(wrapped),
        }.items()
    },
}


@pytest.mark.parametrize(("envelope", "reason", "path"), REFUSED.values(), ids=REFUSED.keys())
def test_an_envelope_is_refused(decoder: Decoder, envelope: Any, reason: Reason, path: str) -> None:
    decoded = decoder.decode([json.dumps(envelope).encode()])
    assert decoded.events == []
    assert [(malformed.reason, malformed.path) for malformed in decoded.malformed] == [(reason, path)]


def test_a_bad_event_in_an_envelope_is_named(decoder: Decoder) -> None:
    (malformed,) = decoder.decode([json.dumps(eventbridge(EVENT | {"type": "x"})).encode()]).malformed
    assert (malformed.event_id, malformed.source) == ("evt_1", "adyen")


def test_an_envelope_may_be_larger_than_an_event(decoder: Decoder) -> None:
    envelope = eventbridge(EVENT) | {"resources": ["x" * 300_000]}
    assert decoder.decode([msgspec.json.encode(envelope)]).malformed == []
