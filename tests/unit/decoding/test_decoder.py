"""What is an event, what is not, and for what reason."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from payflow.decoding import Decoded, Decoder, Malformed, Reason
from payflow.events import Amount, EventType, PaymentEvent, Sources

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ABSENT = object()


@pytest.fixture
def decoder() -> Decoder:
    return Decoder(Sources.load(), lambda: NOW)


def wire(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "event_id": "evt_1",
        "source": "adyen",
        "type": "capture.succeeded",
        "payment_id": "pay_1",
        "operation_id": "op_1",
        "merchant_id": "m_1",
        "amount": {"value": 12_345, "currency": "EUR", "exponent": 2},
        "occurred_at": "2026-11-22T10:00:00.123Z",
        "correlation_id": "c_1",
    }
    fields |= changes
    return {name: value for name, value in fields.items() if value is not ABSENT}


def body(**changes: Any) -> bytes:
    return json.dumps(wire(**changes)).encode()


def amount(**changes: Any) -> dict[str, Any]:
    return {"value": 1, "currency": "EUR", "exponent": 2} | changes


def only_event(decoded: Decoded) -> PaymentEvent:
    assert decoded.malformed == []
    (event,) = decoded.events
    return event


def only_malformed(decoded: Decoded) -> Malformed:
    assert (decoded.events, decoded.payloads, decoded.indexes) == ([], [], [])
    (malformed,) = decoded.malformed
    return malformed


def test_an_event_is_decoded_field_by_field(decoder: Decoder) -> None:
    event = only_event(
        decoder.decode(
            [body(parent_id="op_0", reason="voided", metadata={"a": "1", "b": 2, "c": 1.5, "d": True})]
        )
    )
    assert event == PaymentEvent(
        event_id="evt_1",
        source="adyen",
        type="capture.succeeded",
        payment_id="pay_1",
        operation_id="op_1",
        merchant_id="m_1",
        occurred_at=datetime(2026, 11, 22, 10, 0, 0, 123_000, tzinfo=UTC),
        amount=Amount(12_345, "EUR", 2),
        parent_id="op_0",
        correlation_id="c_1",
        reason="voided",
        metadata={"a": "1", "b": 2, "c": 1.5, "d": True},
    )


def test_a_batch_keeps_order_and_a_bad_neighbour_leaves_no_trace(decoder: Decoder) -> None:
    bodies = [body(event_id="a"), b"junk", body(event_id="b"), b"", body(event_id="c")]
    decoded = decoder.decode(bodies)
    assert [event.event_id for event in decoded.events] == ["a", "b", "c"]
    assert decoded.indexes == [0, 2, 4]
    assert [malformed.index for malformed in decoded.malformed] == [1, 3]


def test_the_payload_is_the_very_body(decoder: Decoder) -> None:
    plain = body()
    assert decoder.decode([plain]).payloads[0] is plain


@pytest.mark.parametrize("event_type", get_args(EventType))
def test_every_type_is_accepted(decoder: Decoder, event_type: str) -> None:
    dispute = {"stage": "chargeback", "status": "won"} if event_type.startswith("dispute.") else ABSENT
    assert only_event(decoder.decode([body(type=event_type, dispute=dispute)])).type == event_type


ACCEPTED = {
    "an inquiry without amount and dispute": {"type": "dispute.inquiry", "amount": ABSENT},
    "a dispute without amount and dispute": {"type": "dispute.opened", "amount": ABSENT},
    "dispute money without dispute": {"type": "dispute.funds_withdrawn"},
    "a dispute with all its fields": {
        "type": "dispute.closed",
        "amount": ABSENT,
        "dispute": {"stage": "arbitration", "status": "lost", "due_at": "2030-01-01T00:00:00Z"},
    },
    "nulls for what is optional": {
        "parent_id": None,
        "reason": None,
        "dispute": None,
        "metadata": None,
        "correlation_id": None,
    },
    "an offset": {"occurred_at": "2026-11-22T10:00:00+05:30"},
    "nearly 24 hours ahead": {"occurred_at": "2026-11-24T00:00:00Z"},
    "the first moment": {"occurred_at": "1970-01-01T00:00:00Z"},
    "identifiers of 128 characters": {"event_id": "é" * 128, "payment_id": "p" * 128},
    "identifiers outside ASCII": {"merchant_id": "Bäckerei 北京 😀"},
    "a source that is not configured": {"source": "some_new-source9"},
    "the smallest amount": {"amount": amount(value=1)},
    "the largest amount": {"amount": amount(value=2**53 - 1)},
    "a currency without minor unit": {"amount": amount(currency="JPY", exponent=0)},
    "a currency with four decimals": {"source": "stripe", "amount": amount(currency="CLF", exponent=4)},
    "a source's own exponent": {"amount": amount(currency="CVE", exponent=0)},
    "a field that is not listed": {"colour": {"deep": [None, {"er": 1}]}, "text": "\u00e9\u0000"},
    "empty metadata": {"metadata": {}},
    "metadata at its size": {"metadata": {"k": "x" * 4_088}},
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_the_wire_format_allows(decoder: Decoder, changes: dict[str, Any]) -> None:
    assert only_event(decoder.decode([body(**changes)])).correlation_id


VALUES_REFUSED: list[Any] = [0, -1, 2**53, 2**64, 10**30, 1.5, 1.0, 1e3, True, "12", None, [1], {}]

REFUSED: dict[str, tuple[dict[str, Any], Reason, str]] = {
    "a null correlation id and no merchant": (
        {"correlation_id": None, "merchant_id": ABSENT},
        Reason.MISSING_FIELD,
        "$.merchant_id",
    ),
    **{
        f"no {name}": ({name: ABSENT}, Reason.MISSING_FIELD, f"$.{name}")
        for name in ("event_id", "source", "type", "payment_id", "operation_id", "merchant_id", "occurred_at")
    },
    **{
        f"{name} {label}": ({name: value}, Reason.INVALID_FIELD, f"$.{name}")
        for name in ("event_id", "payment_id", "operation_id", "merchant_id", "parent_id", "correlation_id")
        for label, value in {"empty": "", "of 129 characters": "x" * 129, "as a number": 5}.items()
    },
    **{
        f"{name} with {label}": ({name: f"a{character}b"}, Reason.NOT_PRINTABLE, f"$.{name}")
        for name in (
            "event_id",
            "payment_id",
            "operation_id",
            "merchant_id",
            "parent_id",
            "correlation_id",
            "reason",
        )
        for label, character in {
            "U+0000": "\0",
            "a line feed": "\n",
            "DEL": "\x7f",
            "a C1 control": "\x85",
            "a direction override": "\u202e",
            "a zero width space": "\u200b",
            "a no-break space": "\u00a0",
        }.items()
    },
    "a null event id": ({"event_id": None}, Reason.INVALID_FIELD, "$.event_id"),
    "a source in capitals": ({"source": "Adyen"}, Reason.INVALID_FIELD, "$.source"),
    "a source with a line feed behind": ({"source": "adyen\n"}, Reason.INVALID_FIELD, "$.source"),
    "a source of 65 characters": ({"source": "a" * 65}, Reason.INVALID_FIELD, "$.source"),
    "an unknown type": ({"type": "capture.succeded"}, Reason.UNKNOWN_TYPE, "$.type"),
    "a type as a number": ({"type": 7}, Reason.INVALID_FIELD, "$.type"),
    "a type in capitals": ({"type": "Capture.Succeeded"}, Reason.UNKNOWN_TYPE, "$.type"),
    "no amount": ({"amount": ABSENT}, Reason.MISSING_AMOUNT, "$.amount"),
    "a null amount": ({"amount": None}, Reason.MISSING_AMOUNT, "$.amount"),
    "dispute money without amount": (
        {"type": "dispute.funds_reinstated", "amount": ABSENT},
        Reason.MISSING_AMOUNT,
        "$.amount",
    ),
    "an amount as a number": ({"amount": 5}, Reason.INVALID_AMOUNT, "$.amount"),
    **{
        f"an amount without {name}": (
            {"amount": {key: value for key, value in amount().items() if key != name}},
            Reason.MISSING_FIELD,
            f"$.amount.{name}",
        )
        for name in ("value", "currency", "exponent")
    },
    **{
        f"a value of {value!r}": ({"amount": amount(value=value)}, Reason.INVALID_AMOUNT, "$.amount.value")
        for value in VALUES_REFUSED
    },
    "an unknown currency": (
        {"amount": amount(currency="XXX")},
        Reason.UNKNOWN_CURRENCY,
        "$.amount.currency",
    ),
    "a currency in small letters": (
        {"amount": amount(currency="eur")},
        Reason.UNKNOWN_CURRENCY,
        "$.amount.currency",
    ),
    "a currency of two letters": (
        {"amount": amount(currency="EU")},
        Reason.UNKNOWN_CURRENCY,
        "$.amount.currency",
    ),
    "a currency with U+0000": (
        {"amount": amount(currency="EU\0")},
        Reason.UNKNOWN_CURRENCY,
        "$.amount.currency",
    ),
    "a currency as a number": (
        {"amount": amount(currency=978)},
        Reason.INVALID_FIELD,
        "$.amount.currency",
    ),
    "an exponent that is not the currency's": (
        {"amount": amount(exponent=3)},
        Reason.WRONG_EXPONENT,
        "$.amount.exponent",
    ),
    "an exponent that is not the source's": (
        {"amount": amount(currency="ISK", exponent=0)},
        Reason.WRONG_EXPONENT,
        "$.amount.exponent",
    ),
    "an exponent out of range": ({"amount": amount(exponent=5)}, Reason.INVALID_FIELD, "$.amount.exponent"),
    "an exponent as a boolean": (
        {"amount": amount(exponent=True)},
        Reason.INVALID_FIELD,
        "$.amount.exponent",
    ),
    "a time without offset": ({"occurred_at": "2026-11-22T10:00:00"}, Reason.INVALID_TIME, "$.occurred_at"),
    "a time as a number": ({"occurred_at": 1_763_805_600}, Reason.INVALID_TIME, "$.occurred_at"),
    "a day that is not": ({"occurred_at": "2026-02-30T10:00:00Z"}, Reason.INVALID_TIME, "$.occurred_at"),
    "a time before 1970": ({"occurred_at": "1969-12-31T23:59:59Z"}, Reason.INVALID_TIME, "$.occurred_at"),
    "the first year": ({"occurred_at": "0001-01-01T00:00:00+14:00"}, Reason.INVALID_TIME, "$.occurred_at"),
    "over 24 hours ahead": (
        {"occurred_at": "2026-11-24T00:00:00.000001Z"},
        Reason.IN_THE_FUTURE,
        "$.occurred_at",
    ),
    "an empty reason": ({"reason": ""}, Reason.INVALID_FIELD, "$.reason"),
    "a reason of 65 characters": ({"reason": "x" * 65}, Reason.INVALID_FIELD, "$.reason"),
    "an update without dispute": ({"type": "dispute.updated"}, Reason.MISSING_DISPUTE, "$.dispute"),
    "an end without dispute": ({"type": "dispute.closed"}, Reason.MISSING_DISPUTE, "$.dispute"),
    "a dispute on a capture": (
        {"dispute": {"stage": "inquiry", "status": "won"}},
        Reason.MISPLACED_DISPUTE,
        "$.dispute",
    ),
    "an unknown stage": (
        {"type": "dispute.closed", "dispute": {"stage": "appeal", "status": "won"}},
        Reason.INVALID_FIELD,
        "$.dispute.stage",
    ),
    "an unknown status": (
        {"type": "dispute.closed", "dispute": {"stage": "inquiry", "status": "paid"}},
        Reason.INVALID_FIELD,
        "$.dispute.status",
    ),
    "a dispute without status": (
        {"type": "dispute.closed", "dispute": {"stage": "inquiry"}},
        Reason.MISSING_FIELD,
        "$.dispute.status",
    ),
    "a dispute due before all time": (
        {
            "type": "dispute.closed",
            "dispute": {"stage": "inquiry", "status": "won", "due_at": "0001-01-01T00:00:00+14:00"},
        },
        Reason.INVALID_FIELD,
        "$.dispute.due_at",
    ),
    "nested metadata": ({"metadata": {"a": {}}}, Reason.INVALID_FIELD, "$.metadata[...]"),
    "a null in metadata": ({"metadata": {"a": None}}, Reason.INVALID_FIELD, "$.metadata[...]"),
    "metadata as a list": ({"metadata": ["a"]}, Reason.INVALID_FIELD, "$.metadata"),
    "metadata above its size": ({"metadata": {"k": "x" * 4_089}}, Reason.METADATA_TOO_LARGE, "$.metadata"),
    "U+0000 in a metadata value": ({"metadata": {"a": "\0"}}, Reason.NOT_PRINTABLE, "$.metadata"),
    "U+0000 in a metadata key": ({"metadata": {"\0": 1}}, Reason.NOT_PRINTABLE, "$.metadata"),
    "an event above its size": ({"other": "x" * 262_144}, Reason.TOO_LARGE, "$"),
}


@pytest.mark.parametrize(("changes", "reason", "path"), REFUSED.values(), ids=REFUSED.keys())
def test_the_wire_format_refuses(
    decoder: Decoder, changes: dict[str, Any], reason: Reason, path: str
) -> None:
    malformed = only_malformed(decoder.decode([body(**changes)]))
    assert (malformed.reason, malformed.path) == (reason, path)


@pytest.mark.parametrize(("changes", "reason", "path"), REFUSED.values(), ids=REFUSED.keys())
def test_a_rule_names_its_field_and_the_fix_and_can_be_shown(
    decoder: Decoder, changes: dict[str, Any], reason: Reason, path: str
) -> None:
    rule = only_malformed(decoder.decode([body(**changes)])).rule
    assert rule.startswith(path.removeprefix("$.").removesuffix("[...]") if path != "$" else "the event")
    assert ": " in rule
    assert rule.isprintable()


BYTES: dict[str, tuple[bytes, Reason]] = {
    "nothing": (b"", Reason.NOT_JSON),
    "junk": (b"junk", Reason.NOT_JSON),
    "a megabyte of junk": (b"\x9c" * 2**20, Reason.TOO_LARGE),
    "a megabyte of brackets": (b"[" * 2**20, Reason.TOO_LARGE),
    "more than SQS carries": (b" " * (2**20 + 1), Reason.TOO_LARGE),
    "not UTF-8": (body().replace(b"evt_1", b"evt_\xff"), Reason.NOT_UTF8),
    "not UTF-8 in a field that is not listed": (body(other="x").replace(b'"x"', b'"\xff"'), Reason.NOT_UTF8),
    "an encoded surrogate": (body().replace(b"evt_1", b"\xed\xa0\x80"), Reason.NOT_UTF8),
    "an escaped lone surrogate": (body().replace(b"evt_1", b"\\ud800"), Reason.NOT_JSON),
    "a raw NUL": (body().replace(b"evt_1", b"evt\x00"), Reason.NOT_JSON),
    "a raw NUL in a field that is not listed": (body(other="x").replace(b'"x"', b'"\x00"'), Reason.NOT_JSON),
    "a byte order mark": (b"\xef\xbb\xbf" + body(), Reason.NOT_JSON),
    "UTF-16": (body().decode().encode("utf-16"), Reason.NOT_UTF8),
    "NaN": (body().replace(b"12345", b"NaN"), Reason.NOT_JSON),
    "cut off": (body()[:-5], Reason.NOT_JSON),
    "two events": (body() * 2, Reason.NOT_JSON),
    "a trailing comma": (body()[:-1] + b",}", Reason.NOT_JSON),
    "a list": (b"[" + body() + b"]", Reason.NOT_AN_OBJECT),
    "a text": (b'"event"', Reason.NOT_AN_OBJECT),
    "null": (b"null", Reason.NOT_AN_OBJECT),
    "an empty object": (b"{}", Reason.MISSING_FIELD),
    "deep lists": (body(other="x").replace(b'"x"', b"[" * 10**5 + b"]" * 10**5), Reason.TOO_DEEP),
    "deep objects": (
        body(other="x").replace(b'"x"', b'{"a":' * 40_000 + b"1" + b"}" * 40_000),
        Reason.TOO_DEEP,
    ),
    "deep metadata": (body(metadata="x").replace(b'"x"', b'{"a":' * 40_000), Reason.INVALID_FIELD),
    "a correlation id before what is no JSON": (
        body(correlation_id=[0]).replace(b"[0]", b"[NaN]"),
        Reason.NOT_JSON,
    ),
    "a null correlation id before what is no JSON": (body(correlation_id=None)[:-1], Reason.NOT_JSON),
    "a null correlation id before what is too deep": (
        body(correlation_id=None, other="x").replace(b'"x"', b"[" * 10**5),
        Reason.TOO_DEEP,
    ),
    "a huge number": (body().replace(b"12345", b"1e999"), Reason.INVALID_AMOUNT),
    "a number of many digits": (body().replace(b"12345", b"9" * 9_999), Reason.INVALID_AMOUNT),
    "an infinity in metadata": (body(metadata={"a": 0}).replace(b": 0}", b": 1e999}"), Reason.INVALID_FIELD),
}


@pytest.mark.parametrize(("given", "reason"), BYTES.values(), ids=BYTES.keys())
def test_bytes_that_are_no_event_are_malformed(decoder: Decoder, given: bytes, reason: Reason) -> None:
    assert only_malformed(decoder.decode([given])).reason is reason


def test_the_last_of_duplicate_keys_counts(decoder: Decoder) -> None:
    given = body().replace(b'"event_id": "evt_1"', b'"event_id": "evt_1", "event_id": "evt_2"')
    assert only_event(decoder.decode([given])).event_id == "evt_2"


def test_the_identifiers_that_can_be_read_are_given(decoder: Decoder) -> None:
    malformed = only_malformed(decoder.decode([body(amount=amount(value=0))]))
    assert (malformed.event_id, malformed.source, malformed.payment_id, malformed.correlation_id) == (
        "evt_1",
        "adyen",
        "pay_1",
        "c_1",
    )


def test_identifiers_that_break_their_rule_are_not_given(decoder: Decoder) -> None:
    malformed = only_malformed(
        decoder.decode([body(event_id="a\0", source="A", payment_id=5, correlation_id="x" * 129)])
    )
    assert malformed.event_id is malformed.source is malformed.payment_id is malformed.correlation_id is None


def test_the_future_is_judged_by_the_clock_that_is_given() -> None:
    clock = [NOW]
    decoder = Decoder(Sources.load(), lambda: clock[0])
    given = body(occurred_at="2026-11-25T00:00:00Z")
    assert only_malformed(decoder.decode([given])).reason is Reason.IN_THE_FUTURE
    clock[0] += timedelta(days=1)
    assert only_event(decoder.decode([given]))


def test_made_up_sources_are_forgotten_past_a_bound_and_still_decoded(decoder: Decoder) -> None:
    decoded = decoder.decode([body(source=f"source-{number}") for number in range(3_000)])
    assert len(decoded.events) == 3_000
    assert len(decoder._exponents) <= 1_024
