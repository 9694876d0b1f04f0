"""The route table as an ASGI application: finds the route, checks who calls, decodes, calls, encodes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from payflow.api.budgets.calls import headers_of
from payflow.api.routing.decoding import decode_body, decode_query
from payflow.api.routing.entering import Entered, enter
from payflow.api.routing.idempotency import Claim, read_key
from payflow.api.routing.match import RouteTree
from payflow.api.routing.problems import (
    CONFLICT,
    INTERNAL,
    INVALID_BODY,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    STORE_UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemError,
)
from payflow.api.routing.requests import has_seen, is_json, read_body, read_if_match
from payflow.api.routing.route import Answer, Call
from payflow.api.routing.sending import (
    JSON,
    NO_STORE,
    REVALIDATE,
    encode,
    send_answer,
    send_bytes,
    send_problem,
)
from payflow.errors import StoreUnavailable
from payflow.ledger.faults import LedgerRaced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from payflow.api.routing.requests import Headers
    from payflow.api.routing.route import Route
    from payflow.api.services import Services

PREFIX: Final = "/api/v1"
RETRY_AFTER_S: Final = 1

_OK: Final = 200
_NOT_MODIFIED: Final = 304

log = structlog.get_logger(__name__)


class Table:
    """Serves the routes below ``/api/v1``."""

    def __init__(self, routes: Iterable[Route], services: Services) -> None:
        self._tree = RouteTree(routes)
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever happens, with a documented answer."""
        state = scope["state"]
        headers: Headers = dict(scope["headers"])
        try:
            route, path = self._route(scope)
            state["route"] = route
            entered, answer = await self._in_time(route, path, scope, receive, headers)
        except ProblemError as error:
            left = state.get("budget")
            more = () if left is None else headers_of(left)
            await send_problem(send, error, state["correlation_id"], more)
            return
        left = state.get("budget")
        more = () if left is None else headers_of(left)
        if answer is None:
            await self._send_kept(send, entered, headers, more)
        elif entered.key is not None and answer.status == _OK:
            body = encode(answer.body)
            etag = self._services.answers.keep(entered.key, entered.generation, body)
            await _send_tagged(send, etag, body, headers, (*REVALIDATE, *more))
        elif "etag" in answer.headers and has_seen(headers, str(answer.headers["etag"]).encode()):
            await send_answer(send, Answer(_NOT_MODIFIED, None, answer.headers), (NO_STORE, *more))
        else:
            await send_answer(send, answer, (NO_STORE, *more))

    async def _in_time(
        self, route: Route, path: dict[str, str], scope: Scope, receive: Receive, headers: Headers
    ) -> tuple[Entered, Answer | None]:
        """Answer within the deadline; no answer means that a kept one is good.

        Raises:
            ProblemError: whatever went wrong, as the caller is told it.

        """
        allowed_s = self._services.options.request_timeout_s if route.deadline_s is None else route.deadline_s
        try:
            async with asyncio.timeout(allowed_s or None):
                entered = await enter(self._services, route, scope, headers)
                if entered.kept is not None:
                    return entered, None
                return entered, await self._answer(route, path, scope, receive, headers, entered)
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
        path = raw_path.decode("latin-1").partition("?")[0]
        found, values = (
            self._tree.find(path.removeprefix(PREFIX)) if path.startswith(f"{PREFIX}/") else ({}, ())
        )
        if not found:
            raise ProblemError(NOT_FOUND, detail="there is no such address; /api/docs lists all of them")
        route = found.get(scope["method"])
        if route is None:
            offered = ", ".join(sorted(found))
            raise ProblemError(
                METHOD_NOT_ALLOWED, detail=f"this address takes {offered}", headers={"allow": offered}
            )
        return route, dict(zip(route.parameters, values, strict=True))

    async def _answer(
        self,
        route: Route,
        path: dict[str, str],
        scope: Scope,
        receive: Receive,
        headers: Headers,
        entered: Entered,
    ) -> Answer:
        raw_query: bytes = scope["query_string"]
        call = Call(
            route=route,
            services=self._services,
            correlation_id=scope["state"]["correlation_id"],
            address=scope["state"]["address"],
            scheme=scope.get("scheme", "http"),
            headers=headers,
            path=path,
            _principal=entered.principal,
            sticky=entered.sticky,
            query=decode_query(raw_query, route.query),
            idempotency_key=read_key(headers.get(b"idempotency-key")) if route.idempotency else None,
            if_match=read_if_match(headers) if route.if_match else None,
        )
        raw_body = await self._body(call, receive)
        if route.method == "GET" or entered.principal is None:
            return await route.handler(call)
        try:
            if route.idempotency:
                return await self._once(call, raw_query, raw_body)
            return await route.handler(call)
        finally:
            # Also after a failure: a commit whose answer was lost has happened.
            await self._services.answers.wrote(entered.principal.user_id)

    async def _body(self, call: Call, receive: Receive) -> bytes:
        raw = await read_body(receive, call.headers, self._services.options.body_bytes_max)
        shape = call.route.body
        if shape is None:
            if raw:
                raise ProblemError(INVALID_BODY, detail="this call takes no body; send none")
            return raw
        if raw and not is_json(call.headers.get(b"content-type")):
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

    @staticmethod
    async def _send_kept(
        send: Send, entered: Entered, headers: Headers, more: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        if entered.kept is not None:
            await _send_tagged(send, *entered.kept, headers, (*REVALIDATE, (b"x-cache", b"hit"), *more))


async def _send_tagged(
    send: Send, etag: bytes, body: bytes, headers: Headers, more: tuple[tuple[bytes, bytes], ...]
) -> None:
    tagged = [(b"etag", etag), *more]
    if has_seen(headers, etag):
        await send_bytes(send, _NOT_MODIFIED, tagged, b"")
    else:
        await send_bytes(send, _OK, [JSON, *tagged], body)
