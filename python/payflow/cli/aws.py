"""Credentials for servers that ask for some and look at none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from payflow.settings import Settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NAMED_BY = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


def allow_local_queue(settings: Settings) -> None:
    """Give this process and its children any credentials if the queue is on loopback and none are named.

    AWS clients sign every request; without credentials they look for an instance role for seconds, then
    fail.
    """
    endpoint = settings.queue.endpoint_url
    if endpoint is None or urlsplit(endpoint).hostname not in _LOOPBACK:
        return
    if not any(os.environ.get(name) for name in _NAMED_BY):
        os.environ |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
