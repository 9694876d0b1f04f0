"""What is read of a request before its handler is called: the body within its bounds, and the headers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeAlias

from payflow.api.routing.problems import (
    BODY_TOO_LARGE,
    INVALID_BODY,
    PRECONDITION_REQUIRED,
    ProblemError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Receive

    Headers: TypeAlias = Mapping[bytes, bytes]

BODY_TIMEOUT_S: Final = 5.0
"""How long a client may take to send its body."""

_JSON: Final = b"application/json"


async def read_body(receive: Receive, headers: Headers, bytes_max: int) -> bytes:
    """Read a request's body, and stop where it gets too large or takes too long.

    Raises:
        ProblemError: body_too_large or invalid_body.

    """
    declared = headers.get(b"content-length")
    if declared is None and b"transfer-encoding" not in headers:
        return b""
    if declared is not None and declared.isdigit() and int(declared) > bytes_max:
        raise _too_large(bytes_max)
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await _whole(receive, bytes_max)
    except TimeoutError:
        raise ProblemError(
            INVALID_BODY,
            detail=f"the body did not come within {BODY_TIMEOUT_S:g} s",
            headers={"connection": "close"},
        ) from None


def is_json(content_type: bytes | None) -> bool:
    """Tell whether a body says that it is JSON."""
    media_type = (content_type or b"").partition(b";")[0].strip().lower()
    return media_type == _JSON or (media_type.startswith(b"application/") and media_type.endswith(b"+json"))


def read_if_match(headers: Headers) -> str:
    """Read the version that `If-Match` names: one strong tag, as `ETag` gave it.

    Raises:
        ProblemError: precondition_required.

    """
    given = headers.get(b"if-match", b"").decode("latin-1").strip()
    quoted = len(given) > 1 and given[0] == given[-1] == '"' and '"' not in given[1:-1]
    if not quoted:
        raise ProblemError(
            PRECONDITION_REQUIRED, detail='send If-Match with the ETag that you have seen, such as "3"'
        )
    return given[1:-1]


def has_seen(headers: Headers, etag: bytes) -> bool:
    """Tell whether `If-None-Match` names the tag."""
    given = headers.get(b"if-none-match")
    return given is not None and (
        given == etag or etag in [one.strip().removeprefix(b"W/") for one in given.split(b",")]
    )


async def _whole(receive: Receive, bytes_max: int) -> bytes:
    parts, size = [], 0
    while True:
        message: Message = await receive()
        if message["type"] != "http.request":
            raise ProblemError(INVALID_BODY, detail="the client went away before its body had come")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > bytes_max:
            raise _too_large(bytes_max)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(bytes_max: int) -> ProblemError:
    # What is still to come of the body is not read, so the connection can't be used again.
    return ProblemError(
        BODY_TOO_LARGE, detail=f"the body may have {bytes_max} bytes at most", headers={"connection": "close"}
    )
