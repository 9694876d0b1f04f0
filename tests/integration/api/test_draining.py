"""Told to stop, the API finishes what is under way and sends WebSockets elsewhere."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest
import websockets
from payflow.api.run import ApiServer
from websockets.exceptions import ConnectionClosed

from tests.integration.api.harness import SIGNING_KEYS, Api

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PATIENCE_S = 60
"""Only so that a hang fails; nothing here claims a time."""


async def test_open_websockets_are_closed_with_1012_and_calls_under_way_are_answered(api: Api) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        entered.set()
        await leave.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = ApiServer(api.services, app)
    serving = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as client:
        async with websockets.connect(f"ws://127.0.0.1:{port}/") as stream:
            slow = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/slow", timeout=PATIENCE_S))
            await entered.wait()
            os.kill(os.getpid(), signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                await stream.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
        assert api.services.stopping
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/new")
        leave.set()
        answer = await slow
        assert (answer.status_code, answer.content) == (200, b"done")
        await serving


async def test_the_process_ends_with_0_and_answers_what_was_under_way(
    database_dsn: str, redis_url: str, api: Api
) -> None:
    token = await api.sign_in("operator")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PAYFLOW_")},
        "PAYFLOW_POSTGRES_DSN": database_dsn,
        "PAYFLOW_REDIS_URL": redis_url,
        "PAYFLOW_API_PORT": "0",
        "PAYFLOW_API_SIGNING_KEYS": SIGNING_KEYS,
        "PAYFLOW_API_STATEMENT_TIMEOUT_MS": "30000",
        "PAYFLOW_API_REQUEST_TIMEOUT_S": "60",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "payflow", "api"), stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        url = (await process.stdout.readline()).decode().split()[1]
        holder = await asyncpg.connect(database_dsn)
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as client:
            async with holder.transaction():
                await holder.execute("SELECT FROM users FOR UPDATE")
                change = asyncio.create_task(
                    client.patch(f"{url}/api/v1/users/me", json={"name": "Late"}, timeout=PATIENCE_S)
                )
                waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
                while await holder.fetchval(waiting) == 0:
                    pass
                process.terminate()
            answer = await change
        await holder.close()
        assert (answer.status_code, answer.json()["name"]) == (200, "Late")
        assert await process.wait() == 0
