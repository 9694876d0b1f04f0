"""Frames: what is said, encoded once for everybody who hears it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.api.stream.shapes import Topic

__all__ = ["HEARTBEAT_INTERVAL_S", "Frame", "framed", "heartbeat", "hello", "lagging"]

HEARTBEAT_INTERVAL_S: Final = 15.0

_encode: Final = msgspec.json.Encoder().encode


class Frame:
    """One message of a topic.

    Where a reader is behind, a frame takes the place of an older one with its key: what it says is newer.

    Args:
        topic: whoever wants it gets it,
        merchant_id: if the merchant is the right one,
        for_all: or if it is about no merchant.
        key: names what it is about.
        text: the message.

    """

    __slots__ = ("for_all", "key", "merchant_id", "text", "topic")

    def __init__(self, topic: Topic, key: str, text: str, merchant_id: str | None, *, for_all: bool) -> None:
        self.topic = topic
        self.key = key
        self.text = text
        self.merchant_id = merchant_id
        self.for_all = for_all


def framed(
    topic: Topic,
    kind: str,
    data: Any,
    *,
    cursor: int,
    at: datetime,
    key: str,
    merchant_id: str | None = None,
    for_all: bool = False,
) -> Frame:
    """Make a frame; ``cursor`` is where a later connection may go on."""
    said = {"id": str(cursor), "topic": topic, "type": kind, "at": at, "data": data}
    return Frame(topic, key, _encode(said).decode(), merchant_id, for_all=for_all)


def hello(cursor: int, *, resumed: bool) -> str:
    """Say whether what was missed follows, and where the stream is."""
    return _encode({"type": "hello", "data": {"resumed": resumed, "last_id": str(cursor)}}).decode()


def heartbeat(cursor: int) -> str:
    """Say that the line is alive, and where the stream is."""
    return _encode({"type": "heartbeat", "id": str(cursor)}).decode()


def lagging(dropped: int) -> str:
    """Say that the reader is too slow."""
    return _encode({"type": "lagging", "data": {"dropped": dropped}}).decode()
