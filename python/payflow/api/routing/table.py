"""The route table as an ASGI application: finds the route, checks who calls, decodes, calls, encodes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec
import structlog

from payflow.api.routing.decoding import decode_body, decode_query
from payflow.api.routing.idempotency import Claim, read_key
from payflow.api.routing.match import RouteTree
from payflow.api.routing.problems import (
    BODY_TOO_LARGE,
    CONFLICT,
    FORBIDDEN,
    INTERNAL,
    INVALID_BODY,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    PRECONDITION_REQUIRED,
    STORE_UNAVAILABLE,
    UNAUTHORIZED,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemError,
)
from payflow.api.routing.route import Answer, Call, Streamed
from payflow.errors import StoreUnavailable
from payflow.ledger.faults import LedgerRaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Message, Receive, Scope, Send

    from payflow.api.routing.access import Principal
    from payflow.api.routing.route import Route
    from payflow.api.services import Services

    Headers: TypeAlias = Mapping[bytes, bytes]

PREFIX: Final = "/api/v1"
RETRY_AFTER_S: Final = 1

_JSON = b"application/json"
_PROBLEM_JSON = b"application/problem+json"

encode = msgspec.json.Encoder().encode
log = structlog.get_logger(__name__)


class Table:
    """Serves the routes below ``/api/v1``."""

    def __init__(self, routes: Iterable[Route], services: Services) -> None:
        self._tree = RouteTree(routes)
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever happens, with a documented answer."""
        correlation_id = scope["state"]["correlation_id"]
        try:
            answer = await self._answer(scope, receive, correlation_id)
        except ProblemError as error:
            await _send_problem(send, error, correlation_id)
            return
        await _send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive, correlation_id: str) -> Answer:
        route, path = self._route(scope)
        scope["state"]["route"] = route
        allowed_s = self._services.options.request_timeout_s if route.deadline_s is None else route.deadline_s
        try:
            async with asyncio.timeout(allowed_s or None):
                return await self._allowed(route, path, scope, receive, correlation_id)
        except ProblemError:
            raise
        except LedgerRaced as error:
            raise ProblemError(
                CONFLICT, detail="somebody else changed it at the same moment; try again"
            ) from error
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("store_unavailable", operation=route.operation_id, reason=str(error))
            retry_after_s = getattr(error, "retry_after_s", RETRY_AFTER_S)
            raise ProblemError(
                STORE_UNAVAILABLE,
                detail="a server that this needs does not answer in time; try again",
                headers={"retry-after": str(retry_after_s)},
            ) from error
        except Exception as error:
            log.exception("call_failed", operation=route.operation_id)
            raise ProblemError(INTERNAL) from error

    def _route(self, scope: Scope) -> tuple[Route, dict[str, str]]:
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        found, values = self._tree.find(raw_path.decode("latin-1").partition("?")[0].removeprefix(PREFIX))
        if not found:
            raise ProblemError(NOT_FOUND, detail="there is no such address; /api/docs lists all of them")
        route = found.get(scope["method"])
        if route is None:
            offered = ", ".join(sorted(found))
            raise ProblemError(
                METHOD_NOT_ALLOWED, detail=f"this address takes {offered}", headers={"allow": offered}
            )
        return route, dict(zip(route.parameters, values, strict=True))

    async def _allowed(
        self, route: Route, path: dict[str, str], scope: Scope, receive: Receive, correlation_id: str
    ) -> Answer:
        headers: Headers = dict(scope["headers"])
        principal = None
        if route.access.signed_in:
            principal = await self._services.sign_in_of(headers.get(b"authorization"))
            scope["state"]["principal"] = principal
            require(route, principal)
        raw_query: bytes = scope["query_string"]
        call = Call(
            route=route,
            services=self._services,
            correlation_id=correlation_id,
            address=scope["state"]["address"],
            scheme=scope.get("scheme", "http"),
            headers=headers,
            path=path,
            _principal=principal,
            query=decode_query(raw_query, route.query),
            idempotency_key=read_key(headers.get(b"idempotency-key")) if route.idempotency else None,
            if_match=_read_if_match(headers) if route.if_match else None,
        )
        raw_body = await self._body(call, receive)
        if route.idempotency:
            return await self._once(call, raw_query, raw_body)
        return await route.handler(call)

    async def _body(self, call: Call, receive: Receive) -> bytes:
        raw = await read_body(receive, call.headers, self._services.options.body_bytes_max)
        shape = call.route.body
        if shape is None:
            if raw:
                raise ProblemError(INVALID_BODY, detail="this call takes no body; send none")
            return raw
        if raw and not _is_json(call.headers.get(b"content-type")):
            raise ProblemError(UNSUPPORTED_MEDIA_TYPE)
        call.body = decode_body(raw or b"{}", shape)
        return raw

    async def _once(self, call: Call, raw_query: bytes, raw_body: bytes) -> Answer:
        """Run an idempotent route: claim, work and reply in one transaction."""
        claim = Claim(call, raw_query, raw_body)
        async with self._services.database.transaction() as connection:
            answer = await claim.kept(connection, self._services.clock())
            if answer is None:
                call.connection = connection
                answer = await call.route.handler(call)
                kept = answer.body if answer.kept_body is msgspec.UNSET else answer.kept_body
                await claim.keep(
                    connection, answer, None if kept is None else encode(kept), self._services.clock()
                )
        await self._services.finish(call)
        return answer


def require(route: Route, principal: Principal) -> None:
    """Refuse a caller whose role doesn't reach.

    Raises:
        ProblemError: forbidden.

    """
    if not route.access.allows(principal):
        needed = route.access.role
        raise ProblemError(
            FORBIDDEN, detail=f"this needs the role {needed} or above, yours is {principal.role}"
        )


async def read_body(receive: Receive, headers: Headers, bytes_max: int) -> bytes:
    """Read a request's body, and stop where it gets too large.

    Raises:
        ProblemError: body_too_large.

    """
    declared = headers.get(b"content-length")
    if declared is None and b"transfer-encoding" not in headers:
        return b""
    if declared is not None and declared.isdigit() and int(declared) > bytes_max:
        raise _too_large(bytes_max)
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
    return ProblemError(
        BODY_TOO_LARGE, detail=f"the body may have {bytes_max} bytes at most", headers={"connection": "close"}
    )


def _is_json(content_type: bytes | None) -> bool:
    media_type = (content_type or b"").partition(b";")[0].strip().lower()
    return media_type == _JSON or (media_type.startswith(b"application/") and media_type.endswith(b"+json"))


def _read_if_match(headers: Headers) -> str:
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


async def _send_answer(send: Send, answer: Answer) -> None:
    headers = _pairs(answer.headers)
    if isinstance(answer.body, Streamed):
        await _send_stream(send, answer.status, headers, answer.body)
        return
    if answer.body is None:
        body = b""
    elif isinstance(answer.body, bytes):
        body = answer.body
    else:
        body = encode(answer.body)
        headers.append((b"content-type", _JSON))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _pairs(headers: Mapping[str, str | tuple[str, ...]]) -> list[tuple[bytes, bytes]]:
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, values in headers.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]


async def _send_stream(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], streamed: Streamed
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    async for chunk in streamed.chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_problem(send: Send, error: ProblemError, correlation_id: str) -> None:
    body = encode(error.body(correlation_id))
    headers = [
        (b"content-type", _PROBLEM_JSON),
        (b"content-length", str(len(body)).encode()),
        *_pairs(error.headers),
    ]
    if error.problem.status == UNAUTHORIZED.status:
        headers.append((b"www-authenticate", b'Bearer realm="payflow"'))
    await send({"type": "http.response.start", "status": error.problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
