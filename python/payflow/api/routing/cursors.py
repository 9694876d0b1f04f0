"""Cursors of lists: opaque, signed, and good only for the filters and the order that they came from."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.routing.problems import INVALID_QUERY, Fault, ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG_BYTES: Final = 16
CURSOR_LENGTH_MAX: Final = 1_024


class Cursors:
    """Seals positions in a list, and opens what it has sealed."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        """Take the keys: the first one signs, all are accepted, and all processes share them."""
        self._keys = tuple(keys)

    def seal(self, position: Any, bound_to: bytes) -> str:
        """Give the cursor of a position, any JSON value, for the list that `bound_to` stands for."""
        body = msgspec.json.encode(position)
        return base64.urlsafe_b64encode(_tag(self._keys[0], body, bound_to) + body).rstrip(b"=").decode()

    def open(self, cursor: str, bound_to: bytes) -> Any:
        """Give the position back.

        Raises:
            ProblemError: invalid_query, when it is not ours, or belongs to other filters or another order.

        """
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise _refused() from None
        tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not any(hmac.compare_digest(tag, _tag(key, body, bound_to)) for key in self._keys):
            raise _refused()
        return msgspec.json.decode(body)


def _tag(key: bytes, body: bytes, bound_to: bytes) -> bytes:
    message = len(bound_to).to_bytes(4, "big") + bound_to + body
    return hmac.digest(key, message, hashlib.sha256)[:_TAG_BYTES]


def _refused() -> ProblemError:
    rule = "must be the next_cursor or prev_cursor of an answer with the same filters and sort"
    return ProblemError(INVALID_QUERY, detail=f"cursor: {rule}", errors=[Fault("/cursor", rule)])
