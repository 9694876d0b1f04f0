"""A yard, a queue, and commands on both, for messages that wait in the database."""

from __future__ import annotations

import pytest

from tests.integration.quarantine.conftest import command, queue, sqs_endpoint, yard

__all__ = ["command", "queue", "sqs_endpoint", "yard"]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
