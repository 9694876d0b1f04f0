"""Decodes whole batches. A plain event takes the short way through; all else is looked at closely."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from payflow.decoding import rules
from payflow.decoding.envelopes import is_envelope, unwrap
from payflow.decoding.malformed import Malformed, Reason
from payflow.errors import MalformedEvent
from payflow.events import IDENTIFIER_LENGTH_MAX, PaymentEvent
from payflow.events.sources import SOURCE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from payflow.events import Sources

__all__ = ["EVENT_BYTES_MAX", "Decoded", "Decoder"]

EVENT_BYTES_MAX: Final = 256 * 1024
BODY_BYTES_MAX: Final = 1024 * 1024
"""What SQS carries. Larger bodies are not looked into."""

FUTURE_MAX: Final = timedelta(hours=24)
# Bounds what a sender of made-up source names can make us remember.
_SOURCES_REMEMBERED_MAX: Final = 1024

_BACKSLASH: Final = ord("\\")
_DELETE: Final = 0x7F
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_TOO_LARGE: Final = (
    "the event must be at most 262144 bytes without its envelope: leave out what is not listed"
)


class Decoded(Struct):
    """A batch, decoded. The first three lists run side by side, one entry for each event in order of arrival.

    ``payloads`` holds each event's own JSON: the very body where there was no envelope. ``indexes`` holds its
    position in the batch.
    """

    events: list[PaymentEvent]
    payloads: list[bytes]
    indexes: list[int]
    malformed: list[Malformed]


class _Names(Struct):
    """The identifiers of a body that is no event, whatever their types."""

    event_id: Any = None
    source: Any = None
    payment_id: Any = None
    correlation_id: Any = None


_NAMES: Final = msgspec.json.Decoder(_Names)
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CORRELATION_ID: Final = "$.correlation_id"


class Decoder:
    """Turns bodies into payment events, or into the reason why they are none."""

    def __init__(self, sources: Sources, clock: Callable[[], datetime]) -> None:
        """``clock`` gives the time in UTC."""
        self._sources = sources
        self._clock = clock
        self._decode_event = msgspec.json.Decoder(PaymentEvent).decode
        self._exponents: dict[str, Mapping[str, int]] = {
            name: sources.exponents(name) for name in sources.profiles
        }

    def decode(self, bodies: Sequence[bytes]) -> Decoded:
        """Decode a batch. Never raises, whatever the bytes are."""
        decoded = Decoded([], [], [], [])
        latest = self._clock() + FUTURE_MAX
        for index, body in enumerate(bodies):
            payload = body
            try:
                event = self._event(body, latest)
            except MalformedEvent as direct:
                # An envelope is no event: only what failed is looked at for one, so that events pay nothing
                # for it.
                try:
                    payload = _unwrapped(body, direct)
                    event = self._event_of_envelope(payload, latest)
                except MalformedEvent as error:
                    decoded.malformed.append(_described(index, payload, error))
                    continue
            decoded.events.append(event)
            decoded.payloads.append(payload)
            decoded.indexes.append(index)
        return decoded

    def _event(self, payload: bytes, latest: datetime) -> PaymentEvent:
        """Decode and judge one event. Rules that hardly ever break are asked for here, told elsewhere.

        The JSON decoder refuses raw control characters in strings, but does not look at the UTF-8 of fields
        that it skips. ASCII without an escape and without DEL is valid UTF-8 and printable throughout, so
        three scans in C stand for the check of each text.
        """
        if len(payload) > EVENT_BYTES_MAX:
            raise MalformedEvent(Reason.TOO_LARGE, "$", _TOO_LARGE)
        plain = payload.isascii() and _BACKSLASH not in payload and _DELETE not in payload
        if not plain:
            _check_utf8(payload)
        try:
            event = self._decode_event(payload)
        except (msgspec.MsgspecError, RecursionError) as error:
            event = self._event_without_null(payload, error)
        if not plain:
            rules.check_text(event)

        exponents = self._exponents.get(event.source) or self._admit(event.source)
        amount = event.amount
        if amount is None or exponents.get(amount.currency) != amount.exponent:
            rules.check_amount(event, exponents)
        if not rules.TIME_MIN <= event.occurred_at <= latest:
            rules.check_time(event, latest)
        if event.dispute is not None or event.type in rules.DISPUTE_REQUIRED:
            rules.check_dispute(event)
        if event.metadata is not None and len(payload) > rules.METADATA_BYTES_MAX:
            rules.check_metadata(event)
        return event

    def _event_of_envelope(self, payload: bytes, latest: datetime) -> PaymentEvent:
        try:
            return self._event(payload, latest)
        except MalformedEvent as error:
            if is_envelope(payload):
                raise MalformedEvent(
                    Reason.ENVELOPE_NESTED,
                    "$",
                    "an event travels in one envelope at most: take the inner one off",
                ) from error
            raise

    def _event_without_null(self, payload: bytes, error: Exception) -> PaymentEvent:
        """Forgive the one null that the decoder can't, ``correlation_id``; explain any other failure."""
        if (
            isinstance(error, msgspec.ValidationError)
            and rules.broken_by_shape(error).path == _CORRELATION_ID
        ):
            try:
                fields = _FIELDS.decode(payload)
                if bytes(fields["correlation_id"]) == b"null":
                    del fields["correlation_id"]
                    return self._decode_event(msgspec.json.encode(fields))
            except (msgspec.MsgspecError, RecursionError) as other:
                error = other
        raise _explained(payload, error) from error

    def _admit(self, source: str) -> Mapping[str, int]:
        """Give a source that is not configured the default exponents, if it may be called so."""
        if not SOURCE_NAME.fullmatch(source):
            raise MalformedEvent(Reason.INVALID_FIELD, "$.source", f"source {rules.RULES['source']}")
        exponents = self._sources.exponents(source)
        if len(self._exponents) < _SOURCES_REMEMBERED_MAX:
            self._exponents[source] = exponents
        return exponents


def _explained(payload: bytes, error: Exception) -> MalformedEvent:
    """Tell why decoding failed."""
    if isinstance(error, msgspec.ValidationError):
        return rules.broken_by_shape(error)
    if isinstance(error, RecursionError):
        return MalformedEvent(Reason.TOO_DEEP, "$", "the event is nested too deeply: flatten it")
    if payload.startswith(_BYTE_ORDER_MARK):
        return MalformedEvent(
            Reason.NOT_JSON, "$", "the body must not start with a byte order mark: send plain UTF-8"
        )
    return MalformedEvent(Reason.NOT_JSON, "$", f"the body must be JSON: {error}: correct the sender")


def _check_utf8(payload: bytes) -> None:
    try:
        payload.decode()
    except UnicodeDecodeError as error:
        raise MalformedEvent(
            Reason.NOT_UTF8, "$", f"the body must be UTF-8, and byte {error.start} is not: encode it so"
        ) from error


def _unwrapped(body: bytes, direct: MalformedEvent) -> bytes:
    """Take the envelope off; without one, the body is malformed for the reason that it was found to be."""
    if len(body) > BODY_BYTES_MAX:
        raise direct
    try:
        payload = unwrap(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise direct from None
    if payload is None:
        raise direct
    return payload


def _described(index: int, payload: bytes, error: MalformedEvent) -> Malformed:
    """Name the event as far as its identifiers can be read."""
    names = _Names()
    if len(payload) <= BODY_BYTES_MAX:
        # Nothing can be read from these bytes: then the reason has to do.
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            names = _NAMES.decode(payload)
    return Malformed(
        index=index,
        reason=Reason(error.reason),
        path=error.path,
        rule=error.rule,
        event_id=_identifier(names.event_id),
        source=names.source
        if isinstance(names.source, str) and SOURCE_NAME.fullmatch(names.source)
        else None,
        payment_id=_identifier(names.payment_id),
        correlation_id=_identifier(names.correlation_id),
    )


def _identifier(value: object) -> str | None:
    if isinstance(value, str) and 1 <= len(value) <= IDENTIFIER_LENGTH_MAX and value.isprintable():
        return value
    return None
