"""Control plane on aioboto3: making queues, looking at them, and clients with every bound explicit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import aioboto3
import msgspec
from aiobotocore.config import AioConfig
from botocore.exceptions import BotoCoreError, ClientError

from payflow.errors import QueueMissing, QueueUnavailable

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from payflow.intake.options import StaticKey

__all__ = [
    "InFlightReading",
    "QueueDepths",
    "QueueUrls",
    "client",
    "ensure_queue",
    "name_of",
    "queue_depths",
    "queue_error",
    "queue_url",
    "read_in_flight",
    "redrive_policy",
]

_ABSENT: Final = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
_FORBIDDEN: Final = {
    *("AccessDenied", "AccessDeniedException"),
    *("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"),
}
_MISSING: Final = _ABSENT | _FORBIDDEN
RETENTION_S: Final = 4 * 24 * 3_600
DEAD_LETTER_RETENTION_S: Final = 14 * 24 * 3_600


class QueueUrls(msgspec.Struct, frozen=True, kw_only=True):
    """A queue and where its dead letters go."""

    queue_url: str
    dead_letter_queue_url: str


class QueueDepths(msgspec.Struct, frozen=True, kw_only=True):
    """Approximate numbers of messages, as SQS gives them."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """Everything that is not deleted."""
        return self.visible + self.in_flight + self.delayed


class InFlightReading(msgspec.Struct, frozen=True, kw_only=True):
    """What the budget in flight is made of."""

    in_flight: int
    redriven_at: int | None
    """Receives after which SQS moves a message to the dead-letter queue; None without a redrive policy."""


def client(
    *,
    endpoint_url: str | None,
    region: str | None,
    static_key: StaticKey | None = None,
    connect_timeout_s: float = 5.0,
    read_timeout_s: float = 10.0,
    attempts_max: int = 3,
    connections_max: int = 10,
) -> AbstractAsyncContextManager[Any]:
    """Return a context manager that gives an SQS client.

    `read_timeout_s` must exceed the wait of any long poll; `attempts_max` counts the first try.
    """
    config = AioConfig(
        connect_timeout=connect_timeout_s,
        read_timeout=read_timeout_s,
        retries={"total_max_attempts": attempts_max, "mode": "standard"},
        max_pool_connections=connections_max,
    )
    manager: AbstractAsyncContextManager[Any] = aioboto3.Session().client(
        "sqs",
        endpoint_url=endpoint_url,
        region_name=region,
        config=config,
        aws_access_key_id=static_key.access_key_id if static_key else None,
        aws_secret_access_key=static_key.secret_access_key if static_key else None,
    )
    return manager


async def ensure_queue(
    sqs: Any,
    name: str,
    dead_letter_name: str,
    *,
    visibility_timeout_s: int = 30,
    wait_time_s: int = 20,
    receives_max: int = 15,
    retention_s: int = RETENTION_S,
    dead_letter_retention_s: int = DEAD_LETTER_RETENTION_S,
) -> QueueUrls:
    """Create a queue and its dead-letter queue, or bring those that exist to these attributes.

    Dead letters keep the time at which they were first sent, so their retention should be the longer one.
    Raises `QueueMissing` or `QueueUnavailable`.
    """
    try:
        dead = await _ensure(sqs, dead_letter_name, {"MessageRetentionPeriod": str(dead_letter_retention_s)})
        arn = await sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
        redrive = {
            "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
            "maxReceiveCount": str(receives_max),
        }
        attributes = {
            "VisibilityTimeout": str(visibility_timeout_s),
            "ReceiveMessageWaitTimeSeconds": str(wait_time_s),
            "MessageRetentionPeriod": str(retention_s),
            "RedrivePolicy": json.dumps(redrive),
        }
        url = await _ensure(sqs, name, attributes)
    except (ClientError, BotoCoreError) as error:
        raise queue_error(name, error) from error
    return QueueUrls(queue_url=url, dead_letter_queue_url=dead)


def commands_dead_letter_name(name: str) -> str:
    """Name the dead-letter queue of a queue of commands."""
    return f"{name}-dead"


async def queue_url(sqs: Any, name: str) -> str:
    """Return the URL of a queue that exists. Raises `QueueMissing` or `QueueUnavailable`."""
    try:
        answer = await sqs.get_queue_url(QueueName=name)
    except (ClientError, BotoCoreError) as error:
        raise queue_error(name, error) from error
    return str(answer["QueueUrl"])


async def queue_depths(sqs: Any, url: str) -> QueueDepths:
    """Return how many messages a queue holds. Raises `QueueMissing` or `QueueUnavailable`."""
    names = {
        "visible": "ApproximateNumberOfMessages",
        "in_flight": "ApproximateNumberOfMessagesNotVisible",
        "delayed": "ApproximateNumberOfMessagesDelayed",
    }
    try:
        answer = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names.values()))
    except (ClientError, BotoCoreError) as error:
        raise queue_error(url, error) from error
    return QueueDepths(**{field: int(answer["Attributes"].get(name, 0)) for field, name in names.items()})


async def read_in_flight(sqs: Any, url: str) -> InFlightReading:
    """Return how many messages are in flight. Raises `QueueMissing` or `QueueUnavailable`."""
    names = ["ApproximateNumberOfMessagesNotVisible", "RedrivePolicy"]
    try:
        answer = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    except (ClientError, BotoCoreError) as error:
        raise queue_error(url, error) from error
    attributes: dict[str, str] = answer["Attributes"]
    receives_max = redrive_policy(attributes).get("maxReceiveCount", "")
    return InFlightReading(
        in_flight=int(attributes.get(names[0], 0)),
        redriven_at=int(receives_max) if receives_max.isdecimal() else None,
    )


def redrive_policy(attributes: dict[str, str]) -> dict[str, str]:
    """Read the policy of a queue; one that can't be read is as good as none."""
    try:
        policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    except json.JSONDecodeError:
        return {}
    return {key: str(value) for key, value in policy.items()} if isinstance(policy, dict) else {}


def name_of(url: str) -> str:
    """Return the name of the queue that a URL leads to."""
    return url.rstrip("/").rpartition("/")[2]


def queue_error(queue: str, error: ClientError | BotoCoreError) -> QueueMissing | QueueUnavailable:
    """Return the error of ours that says the same, with the fate that follows from it."""
    code = error.response["Error"].get("Code", "") if isinstance(error, ClientError) else ""
    if code in _ABSENT:
        return QueueMissing(f"{queue}: {error}\nNext: `payflow queue create` makes it, with its dead letters")
    if code in _FORBIDDEN:
        return QueueMissing(
            f"{queue}: {error}\nNext: allow it to the credentials that this process runs with"
        )
    return QueueUnavailable(f"{queue}: {error}")


async def _ensure(sqs: Any, name: str, attributes: dict[str, str]) -> str:
    """Create, or set the attributes of what is there: CreateQueue refuses a name with other attributes."""
    try:
        url = str((await sqs.get_queue_url(QueueName=name))["QueueUrl"])
    except ClientError as error:
        if error.response["Error"].get("Code") not in _MISSING:
            raise
        created = await sqs.create_queue(QueueName=name, Attributes=attributes)
        return str(created["QueueUrl"])
    await sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url
