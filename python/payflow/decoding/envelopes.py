"""The three envelopes that events travel in: each is taken off once.

==============  ==============================  ==========================================================
envelope        recognised by                   the event
==============  ==============================  ==========================================================
CloudEvents     ``specversion``                 ``data``, with id, source, type, subject and time as
                                                event_id, source, type, payment_id and occurred_at
SNS             ``Type`` is ``Notification``    the text in ``Message``
EventBridge     ``detail-type``                 ``detail``
==============  ==============================  ==========================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from payflow.decoding.malformed import Reason
from payflow.errors import MalformedEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_envelope", "unwrap"]

# Values stay the bytes that they are: numbers and unlisted fields pass through unchanged.
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)
_VALUE: Final = msgspec.json.Decoder()

_CLOUDEVENTS_ATTRIBUTES: Final = {
    "id": "event_id",
    "source": "source",
    "type": "type",
    "subject": "payment_id",
    "time": "occurred_at",
}


def unwrap(body: bytes) -> bytes | None:
    """Take the envelope off, if ``body`` is a JSON object in one of the three.

    Returns:
        The event's JSON, or nothing when there is no envelope.

    Raises:
        MalformedEvent: when an envelope is recognised, but not as it must be.
        msgspec.MsgspecError, UnicodeDecodeError, RecursionError: when ``body`` is no JSON object.

    """
    fields = _OBJECT.decode(body)
    if "specversion" in fields:
        return _from_cloudevents(fields)
    if "detail-type" in fields:
        return _required(fields, "detail", "EventBridge")
    if _is_notification(fields):
        message = _required(fields, "Message", "SNS")
        try:
            return _TEXT.decode(message).encode()
        except msgspec.ValidationError:
            raise MalformedEvent(
                Reason.ENVELOPE_INVALID,
                "$.Message",
                "Message must be text that holds the event's JSON: send it so",
            ) from None
    return None


def is_envelope(body: bytes) -> bool:
    """Tell whether what came out of an envelope is one again."""
    try:
        fields = _OBJECT.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return "specversion" in fields or "detail-type" in fields or _is_notification(fields)


def _is_notification(fields: Mapping[str, msgspec.Raw]) -> bool:
    return "Type" in fields and bytes(fields["Type"]) == b'"Notification"'


def _required(fields: Mapping[str, msgspec.Raw], name: str, envelope: str) -> bytes:
    if name not in fields:
        raise MalformedEvent(
            Reason.ENVELOPE_INVALID,
            f"$.{name}",
            f"{name} is required in an {envelope} envelope: put the event there",
        )
    return bytes(fields[name])


def _from_cloudevents(fields: Mapping[str, msgspec.Raw]) -> bytes:
    data = _required(fields, "data", "CloudEvents")
    try:
        event = _OBJECT.decode(data)
    except msgspec.ValidationError:
        raise MalformedEvent(
            Reason.ENVELOPE_INVALID,
            "$.data",
            "data must be a JSON object: send the event's other fields in it",
        ) from None
    for attribute, field in _CLOUDEVENTS_ATTRIBUTES.items():
        value = fields.get(attribute)
        if value is None:
            continue
        if field in event and _VALUE.decode(event[field]) != _VALUE.decode(value):
            raise MalformedEvent(
                Reason.ENVELOPE_CONFLICT,
                f"$.data.{field}",
                f"{field} must not differ from the envelope's {attribute}: send it once",
            )
        event[field] = value
    return msgspec.json.encode(event)
