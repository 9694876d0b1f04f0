"""One WebSocket from its ticket to its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.websockets import WebSocketDisconnect

from payflow.api.auth.tokens import Claims
from payflow.api.routing.problems import ProblemError
from payflow.api.stream.shapes import TOPICS, Filter, Message, Pong
from payflow.api.stream.subscriber import Subscriber
from payflow.errors import StoreError

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from payflow.api.routing.access import Principal
    from payflow.api.services import Services

ACCESS_ENDED: Final = 4001
REFUSED: Final = 4003
TOO_SLOW: Final = 4008
MISUNDERSTOOD: Final = 1008
TOO_MANY: Final = 1013
HEARTBEAT_S: Final = 15.0
SEND_TIMEOUT_S: Final = 5.0
"""How long a reader may take for one frame."""
RECHECK_INTERVAL_S: Final = 30.0
LISTENERS_MAX: Final = 500
WORD_LENGTH_MAX: Final = 4_096
MERCHANT_LENGTH_MAX: Final = 128

_HEARTBEAT: Final = '{"type":"heartbeat"}'
_words = msgspec.json.Decoder(Filter | Pong)


async def serve_stream(websocket: WebSocket, services: Services) -> None:
    """Serve one listener until either side has enough."""
    await websocket.accept()
    try:
        claims, subscriber, since = await _entered(websocket, services)
        principal = await services.auth.access.settle(claims, None, None)
    except ProblemError as problem:
        await websocket.close(REFUSED if problem.problem.status == 403 else ACCESS_ENDED)  # noqa: PLR2004 - HTTP
        return
    except StoreError:
        await websocket.close(TOO_MANY)
        return
    except ValueError:
        await websocket.close(MISUNDERSTOOD)
        return
    if services.feed.listeners >= LISTENERS_MAX:
        await websocket.close(TOO_MANY)
        return
    await _converse(websocket, services, claims, principal, subscriber, since)


async def _entered(websocket: WebSocket, services: Services) -> tuple[Claims, Subscriber, int | None]:
    """Take the ticket, and read what is asked for.

    Raises:
        ProblemError: the ticket is not good.
        ValueError: a topic or a position that does not exist.

    """
    asked = websocket.query_params
    user_id, session_id = await services.tickets.take(asked.get("ticket", ""))
    topics = frozenset(filter(None, asked.get("topics", ",".join(TOPICS)).split(",")))
    merchant_id = asked.get("merchant_id")
    if not topics <= TOPICS or len(merchant_id or "") > MERCHANT_LENGTH_MAX:
        raise ValueError(topics)
    since = int(asked["since"]) if "since" in asked else None
    return Claims(user_id, session_id, 0), Subscriber(topics, merchant_id), since  # type: ignore[arg-type]


async def _converse(
    websocket: WebSocket,
    services: Services,
    claims: Claims,
    principal: Principal,
    subscriber: Subscriber,
    since: int | None,
) -> None:
    news = asyncio.Event()
    unsubscribe = services.auth.news.subscribe(
        lambda user_id: news.set() if user_id == principal.user_id else None
    )
    tasks: list[asyncio.Task[Any]] = []
    try:
        await services.feed.resume(subscriber, since)
        tasks = [
            asyncio.create_task(_send(websocket, subscriber), name="stream-send"),
            asyncio.create_task(_listen(websocket, subscriber), name="stream-listen"),
            asyncio.create_task(_guard(services, claims, principal, subscriber, news), name="stream-guard"),
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    except StoreError:
        await websocket.close(TOO_MANY)
    finally:
        services.feed.leave(subscriber)
        unsubscribe()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(websocket: WebSocket, subscriber: Subscriber) -> None:
    """Send what waits, a heartbeat when nothing does, and the end."""
    while subscriber.closing is None:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                texts = await subscriber.take()
        except TimeoutError:
            texts = [_HEARTBEAT]
        try:
            for text in texts:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await websocket.send_text(text)
        except TimeoutError:
            subscriber.dropped += 1
        if subscriber.dropped:
            await _let_go(websocket, subscriber.dropped)
            return
    await websocket.close(subscriber.closing)


async def _let_go(websocket: WebSocket, dropped: int) -> None:
    """Say what was missed, if that still goes out, and hang up."""
    told = msgspec.json.encode(Message(type="lagging", data={"dropped": dropped})).decode()
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await websocket.send_text(told)
            await websocket.close(TOO_SLOW)
    except TimeoutError:
        return


async def _listen(websocket: WebSocket, subscriber: Subscriber) -> None:
    """Take what the client says, until it hangs up."""
    while True:
        try:
            text = await websocket.receive_text()
        except (WebSocketDisconnect, KeyError):
            return
        try:
            word = _words.decode(text) if len(text) <= WORD_LENGTH_MAX else None
        except msgspec.MsgspecError:
            word = None
        if isinstance(word, Filter):
            subscriber.want(word.topics, word.merchant_id)
        elif word is None:
            subscriber.close(MISUNDERSTOOD)


async def _guard(
    services: Services, claims: Claims, principal: Principal, subscriber: Subscriber, news: asyncio.Event
) -> None:
    """Look again what the session may do, at each piece of news of its user and every now and then."""
    while True:
        try:
            async with asyncio.timeout(RECHECK_INTERVAL_S):
                await news.wait()
        except TimeoutError:
            pass
        news.clear()
        try:
            now = await services.auth.access.settle(claims, None, None)
        except ProblemError:
            subscriber.close(ACCESS_ENDED)
            await asyncio.Event().wait()
        except StoreError:
            continue  # what was allowed stays so until somebody can say otherwise
        else:
            if now.role != principal.role:
                # The next ticket is for the new role.
                subscriber.close(ACCESS_ENDED)
                await asyncio.Event().wait()
