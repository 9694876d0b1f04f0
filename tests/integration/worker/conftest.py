"""The scenarios' servers and rigs, for queues and for whole workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenarios.conftest import rig, sqs_server, valkey

if TYPE_CHECKING:
    from payflow.embedded import EmbeddedSqs

__all__ = ["rig", "sqs_endpoint", "sqs_server", "valkey"]


@pytest.fixture
def sqs_endpoint(sqs_server: EmbeddedSqs) -> str:
    """The address of a local SQS server."""
    return sqs_server.endpoint
