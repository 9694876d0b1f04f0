"""Mails with links: by SMTP on a thread with a deadline, or as lines on standard output."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import unquote, urlsplit

import structlog

from payflow.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DEADLINE_S: Final = 10.0
WAITING_MAX: Final = 64
"""Mails under way at once; more are dropped, and logged."""

_VARIABLE: Final = "PAYFLOW_SIGN_IN_MAIL_URL"

log = structlog.get_logger(__name__)


class Sender(Protocol):
    """One way to send a mail."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send it, or raise."""


class PrintedMail:
    """Prints mails, for a machine on which who runs PayFlow is who reads them."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    async def send(self, to: str, subject: str, text: str) -> None:
        """Print one line."""
        link = next((word for word in text.split() if "://" in word), "")
        self._write(f"mail to={to} {subject}: {link}")


class NoMail:
    """Sends nothing: administrators hand links on."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send nothing."""


class SmtpMail:
    """Sends by an SMTP server, with TLS unless it is on this machine.

    Args:
        url: ``smtp://user:password@host:587`` or ``smtps://...``.
        sender: the From of each mail.

    Raises:
        SettingsInvalid: when the URL can't be understood.

    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise SettingsInvalid(
                [f"{_VARIABLE}: must be smtp://user:password@host:587, smtps://... or print:"]
            )
        self._implicit_tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._implicit_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send it on a thread."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=self._host)
        message.set_content(text)
        async with asyncio.timeout(DEADLINE_S + 1):
            await asyncio.to_thread(self._deliver, message)

    def _deliver(self, message: EmailMessage) -> None:
        with self._connection() as server:
            if not self._implicit_tls and self._host not in {"127.0.0.1", "::1", "localhost"}:
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
            server.send_message(message)

    def _connection(self) -> smtplib.SMTP:
        if self._implicit_tls:
            return smtplib.SMTP_SSL(
                self._host, self._port, timeout=DEADLINE_S, context=ssl.create_default_context()
            )
        return smtplib.SMTP(self._host, self._port, timeout=DEADLINE_S)


class Mailer:
    """Sends mails beside the calls that ask for them: the time of a call doesn't tell whether one is sent."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._sending: set[asyncio.Task[None]] = set()

    def later(self, work: Callable[[Sender], Awaitable[None]]) -> None:
        """Have a coroutine function run with the sender; a bounded number at once."""
        if len(self._sending) >= WAITING_MAX:
            log.warning("mail_dropped", reason=f"{WAITING_MAX} mails are under way")
            return
        task = asyncio.create_task(self._run(work), name="mail")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def settled(self) -> None:
        """Wait until all mails under way are sent."""
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _run(self, work: Callable[[Sender], Awaitable[None]]) -> None:
        try:
            await work(self._sender)
        except Exception as error:  # noqa: BLE001 - a mail that fails fails nobody's call
            log.warning("mail_failed", reason=f"{type(error).__name__}: {error}")


def sender_of(url: str | None, sender: str, write: Callable[[str], None]) -> Sender:
    """Choose by the setting.

    Raises:
        SettingsInvalid: when it can't be understood.

    """
    if url is None:
        return NoMail()
    if url.strip() == "print:":
        return PrintedMail(write)
    return SmtpMail(url, sender)
