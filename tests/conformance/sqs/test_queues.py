"""Making, finding, listing, changing and deleting queues."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Code = Callable[..., str | None]

DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}


def test_making_the_same_queue_twice_gives_the_same_url(sqs: Any, queue: str, name: str) -> None:
    same = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "30"})
    assert same["QueueUrl"] == queue
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == queue


def test_making_a_queue_again_with_other_attributes_is_refused(
    sqs: Any, queue: str, name: str, code: Code
) -> None:
    refused = code(sqs.create_queue, QueueName=name, Attributes={"VisibilityTimeout": "31"})
    assert refused == "QueueAlreadyExists"


@pytest.mark.parametrize("bad_name", ["a" * 81, "a b", "a/b", "ä"])
def test_a_queue_name_has_letters_digits_hyphens_and_underscores_only(
    sqs: Any, code: Code, bad_name: str
) -> None:
    assert code(sqs.create_queue, QueueName=bad_name) == "InvalidParameterValue"


def test_a_queue_that_is_not_there_is_named_as_missing(sqs: Any, queue: str, code: Code) -> None:
    missing = f"{queue}-missing"
    calls = [
        code(sqs.get_queue_url, QueueName="missing"),
        code(sqs.receive_message, QueueUrl=missing),
        code(sqs.send_message, QueueUrl=missing, MessageBody="x"),
        code(sqs.delete_message, QueueUrl=missing, ReceiptHandle="x"),
        code(sqs.purge_queue, QueueUrl=missing),
        code(sqs.get_queue_attributes, QueueUrl=missing, AttributeNames=["All"]),
    ]
    assert calls == ["AWS.SimpleQueueService.NonExistentQueue"] * len(calls)


def test_the_modelled_exception_is_raised_for_a_missing_queue(sqs: Any) -> None:
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="missing")


def test_queues_are_listed_by_prefix_and_by_page(sqs: Any, name: str) -> None:
    urls = [sqs.create_queue(QueueName=f"{name}-list-{index}")["QueueUrl"] for index in range(5)]
    assert sqs.list_queues(QueueNamePrefix=f"{name}-list-")["QueueUrls"] == urls
    pages = sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=f"{name}-list-", PaginationConfig={"PageSize": 2}
    )
    assert [page["QueueUrls"] for page in pages] == [urls[:2], urls[2:4], urls[4:]]


def test_a_new_queue_has_the_documented_defaults(sqs: Any, queue: str, name: str) -> None:
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert {key: attributes[key] for key in DEFAULTS} == DEFAULTS
    assert attributes["QueueArn"].endswith(f":{name}")
    counts = [value for key, value in attributes.items() if key.startswith("ApproximateNumber")]
    assert counts == ["0", "0", "0"]


def test_only_the_attributes_asked_for_are_shown(sqs: Any, queue: str) -> None:
    names = ["VisibilityTimeout", "DelaySeconds"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    assert attributes == {"VisibilityTimeout": "30", "DelaySeconds": "0"}


def test_set_attributes_are_shown_and_the_others_stay(sqs: Any, queue: str) -> None:
    sqs.set_queue_attributes(
        QueueUrl=queue, Attributes={"VisibilityTimeout": "7", "MessageRetentionPeriod": "60"}
    )
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    expected = DEFAULTS | {"VisibilityTimeout": "7", "MessageRetentionPeriod": "60"}
    assert {key: attributes[key] for key in DEFAULTS} == expected


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("VisibilityTimeout", "43201"),
        ("VisibilityTimeout", "-1"),
        ("MessageRetentionPeriod", "59"),
        ("MessageRetentionPeriod", "1209601"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("DelaySeconds", "901"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
    ],
)
def test_attributes_out_of_range_are_refused(
    sqs: Any, queue: str, code: Code, attribute: str, value: str
) -> None:
    refused = code(sqs.set_queue_attributes, QueueUrl=queue, Attributes={attribute: value})
    assert refused == "InvalidAttributeValue"


def test_an_unknown_attribute_is_refused(sqs: Any, queue: str, code: Code) -> None:
    asked = code(sqs.get_queue_attributes, QueueUrl=queue, AttributeNames=["Colour"])
    given = code(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"Colour": "red"})
    assert (asked, given) == ("InvalidAttributeName", "InvalidAttributeName")


def test_a_redrive_policy_must_name_a_queue_that_is_there(sqs: Any, queue: str, code: Code) -> None:
    arn = "arn:aws:sqs:us-east-1:000000000000:missing"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    refused = code(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"RedrivePolicy": policy})
    assert refused == "InvalidParameterValue"


def test_a_purge_deletes_visible_and_hidden_messages(sqs: Any, queue: str) -> None:
    for body in "abc":
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    sqs.receive_message(QueueUrl=queue)
    sqs.purge_queue(QueueUrl=queue)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    assert set(attributes.values()) == {"0"}


def test_a_second_purge_within_a_minute_is_refused(sqs: Any, queue: str, code: Code) -> None:
    sqs.purge_queue(QueueUrl=queue)
    refused = code(sqs.purge_queue, QueueUrl=queue)
    assert refused == "AWS.SimpleQueueService.PurgeQueueInProgress"


def test_a_deleted_queue_is_gone(sqs: Any, name: str, code: Code) -> None:
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    assert code(sqs.get_queue_url, QueueName=name) == "AWS.SimpleQueueService.NonExistentQueue"


def test_tags_are_added_replaced_listed_and_removed(sqs: Any, name: str) -> None:
    url = sqs.create_queue(QueueName=name, tags={"team": "pay", "tier": "1"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"tier": "2", "env": "test"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"tier": "2", "env": "test"}
