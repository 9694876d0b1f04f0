"""Who a message was before it waited in the database: one message attribute carries it over.

SQS gives what is sent again a new id, a new time and a count of receives that begins anew. With the
attribute, attempts go on counting, lags stay those of the event, and a dead letter names the message first
sent.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

__all__ = ["ORIGIN_ATTRIBUTE", "Origin", "origin_of"]

ORIGIN_ATTRIBUTE: Final = "payflow_deferred"

_ID: Final = re.compile(r"[\x21-\x7e]{1,100}")
_COUNT_MAX: Final = 2**32 - 1


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a message brings along."""

    message_id: str
    """Id under which it was first sent."""
    sent_at_ms: int
    """When that was, milliseconds since the epoch."""
    receives: int
    """Deliveries before it was parked."""
    attempts: int
    """Failed attempts before it was parked."""

    def attribute(self) -> dict[str, Any]:
        """Give the attribute as SQS takes it."""
        return {"DataType": "String", "StringValue": self.text()}

    def text(self) -> str:
        """Give the value of the attribute."""
        return msgspec.json.encode(self).decode()


def origin_of(message: dict[str, Any]) -> Origin | None:
    """Read the attribute of a received message; what PayFlow didn't write is as good as none."""
    attribute = message.get("MessageAttributes", {}).get(ORIGIN_ATTRIBUTE, {})
    try:
        origin = msgspec.json.decode(attribute.get("StringValue", ""), type=Origin)
    except msgspec.DecodeError:
        return None
    counts_fit = 0 <= origin.receives <= _COUNT_MAX and 0 <= origin.attempts <= _COUNT_MAX
    return origin if _ID.fullmatch(origin.message_id) and origin.sent_at_ms >= 0 and counts_fit else None
