"""Whatever botocore raises about a queue has a fate: go on later, or stop because nothing can be done."""

from __future__ import annotations

import inspect
from typing import Any

import botocore.exceptions
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from payflow.errors import Fate, QueueMissing, QueueUnavailable
from payflow.intake.queues import queue_error
from payflow.intake.tally import kind_of

RAISED = [
    found
    for _, found in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(found, BotoCoreError)
]


def refused(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetQueueAttributes")


@pytest.mark.parametrize("error", RAISED, ids=lambda error: error.__name__)
def test_a_failure_on_the_way_comes_again_and_is_counted_by_its_kind(error: type[BotoCoreError]) -> None:
    raised: Any = error.__new__(error)  # type: ignore[call-overload]
    raised.args = ("failed",)
    assert queue_error("q", raised).fate is Fate.RETRY
    assert kind_of(raised) in {"connect", "credentials", "deadline", "protocol"}


@pytest.mark.parametrize(
    "code",
    [
        *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
        *("AccessDenied", "AccessDeniedException"),
        *("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"),
    ],
)
def test_a_queue_that_is_not_there_or_not_ours_stops_and_names_the_next_step(code: str) -> None:
    error = queue_error("q", refused(code))
    assert isinstance(error, QueueMissing)
    assert "Next:" in str(error)


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "RequestThrottled", "OverLimit", "InternalFailure", "ServiceUnavailable", "New"],
)
def test_whatever_else_sqs_says_may_be_over_soon(code: str) -> None:
    assert isinstance(queue_error("q", refused(code)), QueueUnavailable)
    assert kind_of(refused(code)) == code
