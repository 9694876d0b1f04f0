"""The WebSocket: lets a reader in, sends what waits for it, hears what it wants, and closes with a reason."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec
import structlog
from starlette.websockets import WebSocketDisconnect, WebSocketState

from payflow.api.routing.problems import ProblemError
from payflow.api.stream.access import ACCESS, ENDED, FORBIDDEN
from payflow.api.stream.frames import HEARTBEAT_INTERVAL_S, heartbeat, hello, lagging
from payflow.api.stream.resuming import missed
from payflow.api.stream.shapes import TOPICS, SetFilter, decode_said
from payflow.api.stream.subscriber import Subscriber
from payflow.cancellation import cancel_surely
from payflow.errors import StoreError

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from payflow.api.routing.access import Principal
    from payflow.api.services import Services
    from payflow.api.stream.shapes import Topic

__all__ = ["serve_stream"]

TOO_SLOW: Final = 4008
MISUNDERSTOOD: Final = 1008
TOO_MANY: Final = 1013
TRY_AGAIN: Final = 1012
SEND_TIMEOUT_S: Final = 10.0
"""How long one message may take to leave; whoever takes nothing for so long is too slow."""
PARTING_S: Final = 2.0
BEGIN_TIMEOUT_S: Final = 5.0
SAID_PER_S_MAX: Final = 10
MERCHANT_ID_LENGTH_MAX: Final = 128

log = structlog.get_logger(__name__)


class _Refused(Exception):  # noqa: N818 - it is an answer
    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class _Asked(NamedTuple):
    ticket: str
    since: int | None
    topics: frozenset[Topic]
    merchant_id: str | None


async def serve_stream(websocket: WebSocket, services: Services) -> None:
    """Serve one connection until it ends."""
    await websocket.accept()
    try:
        asked = _asked(websocket.scope["query_string"])
        principal = await _let_in(services, asked.ticket)
    except _Refused as refused:
        await _close(websocket, refused.code, refused.reason)
        return
    websocket.scope["state"]["principal"] = principal
    subscriber = Subscriber(principal, asked.topics, asked.merchant_id)
    services.hub.subscribe(subscriber)
    try:
        await _serve(websocket, services, subscriber, asked.since)
    finally:
        services.hub.unsubscribe(subscriber)


async def _serve(websocket: WebSocket, services: Services, subscriber: Subscriber, since: int | None) -> None:
    hearing = asyncio.create_task(_hear(websocket, subscriber), name="stream-hear")
    sending = asyncio.create_task(_send_all(websocket, services, subscriber, since), name="stream-send")
    try:
        await asyncio.wait({hearing, sending}, return_when=asyncio.FIRST_COMPLETED)
        if hearing.done() and not sending.done():
            return  # it went away, or what it said made no sense: that is closed already
        try:
            code, reason = await sending
        except WebSocketDisconnect:
            return
        if code == TOO_SLOW:
            log.info(
                "stream_reader_too_slow", user_id=subscriber.principal.user_id, dropped=subscriber.dropped
            )
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(PARTING_S):
                    await websocket.send_text(lagging(subscriber.dropped))
        await _close(websocket, code, reason)
    finally:
        await cancel_surely([hearing, sending])


async def _send_all(
    websocket: WebSocket, services: Services, subscriber: Subscriber, since: int | None
) -> tuple[int, str]:
    """Send until the connection has to end; give the close code and why."""
    hub = services.hub
    try:
        async with asyncio.timeout(BEGIN_TIMEOUT_S):
            await hub.begun.wait()
            await _greet(websocket, services, subscriber, since)
    except (TimeoutError, StoreError):
        return TRY_AGAIN, "the database does not answer; try again"
    beat_at_s = time.monotonic() + HEARTBEAT_INTERVAL_S
    while True:
        await subscriber.wait(max(beat_at_s - time.monotonic(), 0.0))
        if subscriber.close_code == ENDED:
            return ENDED, "access has changed; get a new ticket"
        if subscriber.close_code == FORBIDDEN:
            return FORBIDDEN, "the role does not reach"
        texts = subscriber.taken()
        if time.monotonic() >= beat_at_s:
            texts.append(heartbeat(hub.cursor))
            beat_at_s = time.monotonic() + HEARTBEAT_INTERVAL_S
        try:
            for text in texts:
                if subscriber.dropped:
                    break
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await websocket.send_text(text)
        except TimeoutError:
            subscriber.dropped += 1
        if subscriber.dropped:
            return TOO_SLOW, "the reader is too slow"


async def _greet(websocket: WebSocket, services: Services, subscriber: Subscriber, since: int | None) -> None:
    """Say hello, and hand over what was missed. What changes meanwhile waits in the buffer behind it."""
    cursor, frames = services.hub.cursor, None
    if since is not None and since <= cursor:
        frames = await missed(services, since) if since < cursor else []
    resumed = frames is not None
    await websocket.send_text(hello(since if resumed and since is not None else cursor, resumed=resumed))
    for frame in frames or ():
        if subscriber.wants(frame):
            await websocket.send_text(frame.text)


async def _hear(websocket: WebSocket, subscriber: Subscriber) -> None:
    """Hear what the reader wants until it goes away."""
    heard, second_s = 0, time.monotonic()
    while True:
        message: Any = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if time.monotonic() - second_s >= 1.0:
            heard, second_s = 0, time.monotonic()
        heard += 1
        text = message.get("text")
        if text is None or heard > SAID_PER_S_MAX:
            await _close(websocket, MISUNDERSTOOD, f"say text, at most {SAID_PER_S_MAX} messages a second")
            return
        try:
            said = decode_said(text)
        except msgspec.DecodeError as error:
            await _close(websocket, MISUNDERSTOOD, str(error))
            return
        if isinstance(said, SetFilter):
            subscriber.change(said.topics, said.merchant_id)


async def _let_in(services: Services, ticket: str) -> Principal:
    hub, limits = services.hub, services.settings.stream
    if len(hub.subscribers) >= limits.connections_max:
        raise _Refused(TOO_MANY, "too many connections; try again later")
    try:
        claims = await services.tickets.take(ticket)
        principal = await services.auth.access.settle(claims, None, None)
    except ProblemError as error:
        raise _Refused(ENDED, error.detail) from error
    except StoreError as error:
        raise _Refused(TRY_AGAIN, "the database does not answer; try again") from error
    if not ACCESS.allows(principal):
        raise _Refused(FORBIDDEN, "the role does not reach")
    own = sum(1 for one in hub.subscribers if one.principal.user_id == principal.user_id)
    if own >= limits.connections_user_max:
        raise _Refused(TOO_MANY, "too many connections of this user")
    return principal


def _asked(query_string: bytes) -> _Asked:
    """Read the address that was connected to.

    Raises:
        _Refused: a parameter is unknown, missing or wrong.

    """
    given = dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))
    unknown = sorted(given.keys() - {"ticket", "since", "topics", "merchant_id"})
    if unknown:
        raise _Refused(MISUNDERSTOOD, f"unknown parameter {unknown[0][:40]}")
    since = given.get("since")
    if since is not None and not (since.isascii() and since.isdigit() and len(since) <= 18):  # noqa: PLR2004
        raise _Refused(MISUNDERSTOOD, "since: must be the id of a message")
    topics = [topic for topic in TOPICS if topic in given.get("topics", ",".join(TOPICS)).split(",")]
    wrong = set(given.get("topics", "").split(",")) - set(TOPICS) - {""}
    if wrong:
        raise _Refused(MISUNDERSTOOD, f"topics: known are {', '.join(TOPICS)}")
    merchant_id = given.get("merchant_id")
    if merchant_id is not None and not 0 < len(merchant_id) <= MERCHANT_ID_LENGTH_MAX:
        raise _Refused(MISUNDERSTOOD, f"merchant_id: must have 1 to {MERCHANT_ID_LENGTH_MAX} characters")
    return _Asked(
        given.get("ticket", ""), None if since is None else int(since), frozenset(topics), merchant_id
    )


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    # The reader may be gone, or take nothing: then there is nobody to tell.
    with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(PARTING_S):
            if websocket.application_state is not WebSocketState.DISCONNECTED:
                await websocket.close(code, reason[:120])
