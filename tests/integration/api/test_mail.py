"""Mails leave by a real SMTP conversation, and a server that fails fails nobody's call."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from payflow.api.auth.mail import Mailer, SmtpMail, sender_of
from payflow.errors import SettingsInvalid

from tests.integration.api.accounts import account
from tests.integration.api.harness import api_settings, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def smtp_server(received: list[str]) -> AsyncIterator[int]:
    """Take mails as a server does; give its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 test")
        while line := (await reader.readline()).decode().strip().upper():
            if line == "DATA":
                await say("354 go on")
                received.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            await say("221 bye" if line == "QUIT" else "250 ok")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_forgotten_password_leaves_as_a_mail(database_dsn: str, redis_url: str) -> None:
    received: list[str] = []
    async with smtp_server(received) as port:
        settings = api_settings(database_dsn, redis_url, sign_in={"mail_url": f"smtp://127.0.0.1:{port}"})
        async with open_api(settings) as api:
            await account(api, "ada@example.test")
            await api.anonymous().post("/auth/password/forgot", json={"email": "ada@example.test"})
            await api.services.auth.mailer.settled()
    [mail] = received
    assert "To: ada@example.test" in mail
    assert "From: PayFlow <payflow@localhost>" in mail
    assert "http://127.0.0.1:8080/reset-password?token=" in mail.replace("=\r\n", "").replace("=3D", "=")


async def test_a_mail_that_can_not_be_sent_is_logged_and_forgotten(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mailer = Mailer(SmtpMail("smtp://127.0.0.1:1", "PayFlow <payflow@localhost>"))
    mailer.later(lambda sender: sender.send("ada@example.test", "subject", "text"))
    await mailer.settled()
    assert "mail_failed" in "".join(capsys.readouterr())


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "mail.example.test"])
def test_a_mail_url_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="PAYFLOW_SIGN_IN_MAIL_URL"):
        sender_of(url, "x", print)
