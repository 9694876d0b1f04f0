"""All WebSockets of the API. They authorize by ticket, so the route table's sign-in doesn't apply to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from payflow.api.stream.socket import serve_stream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.websockets import WebSocket

    from payflow.api.services import Services

SocketHandler: TypeAlias = "Callable[[WebSocket, Services], Awaitable[None]]"


@dataclass(frozen=True)
class Socket:
    """One WebSocket: its path below ``/api/v1``, and what serves it until it closes."""

    path: str
    handler: SocketHandler


SOCKETS: Final[tuple[Socket, ...]] = (Socket("/stream", serve_stream),)
