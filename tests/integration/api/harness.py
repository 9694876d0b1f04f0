"""The API in this process: real database, real cache, plain HTTP without a port."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import os
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from payflow.api.app import application
from payflow.api.background import running
from payflow.api.routing import Role
from payflow.api.services import open_services
from payflow.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from payflow.api.services import Services
    from starlette.types import ASGIApp

BASE_URL = "http://127.0.0.1:8080/api/v1"
SIGNING_KEYS = f"test:{base64.b64encode(os.urandom(32)).decode()}"

_USER = """
    INSERT INTO users (email, name, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
    ON CONFLICT (email) DO UPDATE SET name = excluded.name RETURNING user_id
"""
_SESSION = """
    INSERT INTO sessions (user_id, salt, rotated_at, created_at, expires_at, signed_in_by, address)
    VALUES ($1, $2, $3, $3, $3::timestamptz + interval '1 day', 'password', '127.0.0.1') RETURNING session_id
"""


class Api:
    """A running API. `client(role)` is somebody of that role; `client(None)` nobody."""

    def __init__(self, app: ASGIApp, services: Services, printed: list[str]) -> None:
        self.app = app
        self.services = services
        self.printed = printed
        """Mails, one line each."""
        self._opened: dict[str, httpx.AsyncClient] = {}

    async def client(self, role: str | None, name: str | None = None) -> httpx.AsyncClient:
        """Give a client that is signed in as `{name or role}@example.test`; the same one each time."""
        key = f"{role}/{name}"
        if key not in self._opened:
            headers = {} if role is None else {"authorization": f"Bearer {await self.sign_in(role, name)}"}
            self._opened[key] = self.anonymous(headers)
        return self._opened[key]

    def anonymous(
        self, headers: dict[str, str] | None = None, address: str = "127.0.0.1"
    ) -> httpx.AsyncClient:
        """Give a client of its own, with cookies of its own."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)

    async def sign_in(self, role: str, name: str | None = None) -> str:
        """Make a user and a session past the front door; give an access token."""
        now = self.services.clock()
        email = f"{name or role}@example.test"
        async with self.services.database.transaction() as connection:
            user_id = await connection.fetchval(_USER, email, (name or role).title(), str(Role(role)), now)
            session_id = await connection.fetchval(_SESSION, user_id, os.urandom(32), now)
        return self.services.auth.tokens.issue(str(user_id), str(session_id))

    async def aclose(self) -> None:
        """Close all clients."""
        for client in self._opened.values():
            await client.aclose()


def api_settings(
    dsn: str,
    redis_url: str,
    *,
    redis_deadline_ms: int = 1_000,
    sign_in: dict[str, Any] | None = None,
    **api: Any,
) -> Settings:
    """Give the settings of an API for tests; `api` and `sign_in` are knobs of these groups."""
    settings = Settings()
    return dataclasses.replace(
        settings,
        postgres=dataclasses.replace(settings.postgres, dsn=dsn),
        redis=dataclasses.replace(settings.redis, url=redis_url, deadline_ms=redis_deadline_ms),
        api=dataclasses.replace(
            settings.api,
            # Generous, because other work on the machine must not pass for an outage.
            **{
                "connect_timeout_ms": 5_000,
                "statement_timeout_ms": 5_000,
                "signing_keys": SIGNING_KEYS,
                **api,
            },
        ),
        sign_in=dataclasses.replace(settings.sign_in, **(sign_in or {})),
    )


@asynccontextmanager
async def open_api(
    settings: Settings, *, clock: Callable[[], datetime] | None = None, background: bool = True
) -> AsyncIterator[Api]:
    """Run the API with these settings; once it hears of changes of access, if what runs beside is wanted."""
    printed: list[str] = []
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings, clock=clock, write=printed.append))
        if background:
            await stack.enter_async_context(running(services))
            async with asyncio.timeout(10):
                await services.auth.news.listening.wait()
        api = Api(application(services), services, printed)
        stack.push_async_callback(api.aclose)
        yield api


def idempotent() -> dict[str, str]:
    """Give the headers of a new intent."""
    return {"idempotency-key": uuid.uuid4().hex}
