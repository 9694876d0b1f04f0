"""Listens to PostgreSQL's channel of access changes, for this process's memory and for open WebSockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.api.auth.access import SessionAccess
    from payflow.api.database import DatabaseOptions

CHANNEL: Final = "payflow_access"
PING_INTERVAL_S: Final = 5.0
RECONNECT_DELAY_S: Final = 1.0

log = structlog.get_logger(__name__)


class AccessNews:
    """Keeps `SessionAccess` up to date, and tells subscribers which user's access has changed.

    Args:
        options: where the database is.
        access: what is kept up to date.

    """

    def __init__(self, options: DatabaseOptions, access: SessionAccess) -> None:
        self._options = options
        self._access = access
        self._subscribers: list[Callable[[str], None]] = []
        self._lost = asyncio.Event()
        self.listening = asyncio.Event()

    def subscribe(self, told: Callable[[str], None]) -> Callable[[], None]:
        """Have a function told the id of each user whose access has changed; give what ends that."""
        self._subscribers.append(told)
        return lambda: self._subscribers.remove(told)

    async def listen(self) -> None:
        """Listen until cancelled; a channel that breaks is opened again, and nothing is trusted meanwhile."""
        while True:
            try:
                await self._listen_once()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("access_news_unheard", reason=str(error) or type(error).__name__)
            finally:
                self._access.hears_news = False
                self._access.forget_all()
                self.listening.clear()
            await asyncio.sleep(RECONNECT_DELAY_S)

    async def _listen_once(self) -> None:
        timeout_s = self._options.connect_timeout_s
        connection = await asyncpg.connect(
            self._options.dsn,
            timeout=timeout_s,
            command_timeout=timeout_s,
            server_settings={"application_name": f"{self._options.name}-news"},
        )
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _connection: self._lost.set())
            await connection.add_listener(CHANNEL, self._told)
            self._access.forget_all()
            self._access.hears_news = True
            self.listening.set()
            while not self._lost.is_set():
                try:
                    async with asyncio.timeout(PING_INTERVAL_S):
                        await self._lost.wait()
                except TimeoutError:
                    # A connection that died without a word would leave us believing old news.
                    await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    def _told(self, _connection: Any, _pid: int, _channel: str, user_id: Any) -> None:
        self._access.forget_user(str(user_id))
        for told in tuple(self._subscribers):
            told(str(user_id))
