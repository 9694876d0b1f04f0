"""Wraps facts the way event buses do: CloudEvents, SNS notifications, EventBridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.workload.draft import Fact

_ATTRIBUTES = frozenset({"event_id", "source", "type", "payment_id", "occurred_at"})


def cloud_event(fact: Fact) -> bytes:
    """Return the fact as a CloudEvents 1.0 event: its identity as attributes, the rest in `data`."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": fact["event_id"],
            "source": fact["source"],
            "type": fact["type"],
            "subject": fact["payment_id"],
            "time": fact["occurred_at"],
            "datacontenttype": "application/json",
            "data": {name: value for name, value in fact.items() if name not in _ATTRIBUTES},
        }
    )


def sns_notification(fact: Fact) -> bytes:
    """Return the fact as the text of an SNS notification's `Message`."""
    return orjson.dumps(
        {
            "Type": "Notification",
            "MessageId": f"sns-{fact['event_id']}",
            "TopicArn": "arn:aws:sns:eu-central-1:000000000000:payments",
            "Message": orjson.dumps(fact).decode(),
            "Timestamp": fact["occurred_at"],
            "SignatureVersion": "1",
        }
    )


def event_bridge(fact: Fact) -> bytes:
    """Return the fact as the `detail` of an EventBridge event."""
    return orjson.dumps(
        {
            "version": "0",
            "id": f"bridge-{fact['event_id']}",
            "detail-type": "payment event",
            "source": f"payments.{fact['source']}",
            "account": "000000000000",
            "time": fact["occurred_at"],
            "region": "eu-central-1",
            "resources": [],
            "detail": fact,
        }
    )


ENVELOPES: tuple[Callable[[Fact], bytes], ...] = (cloud_event, sns_notification, event_bridge)
