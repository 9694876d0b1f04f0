"""Answers and problems as ASGI messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from payflow.api.routing.problems import UNAUTHORIZED
from payflow.api.routing.route import Streamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Send

    from payflow.api.routing.problems import ProblemError
    from payflow.api.routing.route import Answer

    Pairs: TypeAlias = Iterable[tuple[bytes, bytes]]

encode = msgspec.json.Encoder().encode

JSON: Final = (b"content-type", b"application/json")
PROBLEM_JSON: Final = (b"content-type", b"application/problem+json")
NO_STORE: Final = (b"cache-control", b"no-store")
REVALIDATE: Final = ((b"cache-control", b"private, no-cache"), (b"vary", b"Authorization"))
"""Of answers that are kept for their user: a browser may hold them, and asks each time."""
_CHALLENGE: Final = (b"www-authenticate", b'Bearer realm="payflow"')


async def send_answer(send: Send, answer: Answer, more: Pairs) -> None:
    """Send what a handler has answered."""
    headers = [*pairs(answer.headers), *more]
    body = answer.body
    if isinstance(body, Streamed):
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        async for chunk in body.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    if body is None:
        body = b""
    elif not isinstance(body, bytes):
        body = encode(body)
        headers.append(JSON)
    await send_bytes(send, answer.status, headers, body)


async def send_problem(send: Send, error: ProblemError, correlation_id: str, more: Pairs) -> None:
    """Send why a call was refused."""
    headers = [PROBLEM_JSON, NO_STORE, *pairs(error.headers), *more]
    if error.problem.status == UNAUTHORIZED.status:
        headers.append(_CHALLENGE)
    await send_bytes(send, error.problem.status, headers, encode(error.body(correlation_id)))


async def send_bytes(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    """Send a body that is at hand."""
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def pairs(headers: Mapping[str, str | tuple[str, ...]]) -> list[tuple[bytes, bytes]]:
    """Give headers as ASGI has them."""
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, values in headers.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
