"""Who a message was before it waited travels in one attribute, and nothing else is believed."""

from __future__ import annotations

import pytest
from payflow.intake.origin import ORIGIN_ATTRIBUTE, Origin, origin_of
from payflow.intake.packing import SEND_BYTES_MAX
from payflow.intake.sending_back import BODY_BYTES_MAX

ORIGIN = Origin(message_id="m-1", sent_at_ms=1_700_000_000_000, receives=7, attempts=6)


def test_what_is_written_is_read() -> None:
    assert origin_of({"MessageAttributes": {ORIGIN_ATTRIBUTE: ORIGIN.attribute()}}) == ORIGIN


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"MessageAttributes": {}},
        {"MessageAttributes": {ORIGIN_ATTRIBUTE: {"DataType": "Binary", "BinaryValue": b"{}"}}},
        {"MessageAttributes": {ORIGIN_ATTRIBUTE: {"StringValue": "[]"}}},
        {"MessageAttributes": {ORIGIN_ATTRIBUTE: {"StringValue": ORIGIN.text().replace("m-1", "a b")}}},
        {"MessageAttributes": {ORIGIN_ATTRIBUTE: {"StringValue": ORIGIN.text().replace("m-1", "x" * 101)}}},
        {"MessageAttributes": {ORIGIN_ATTRIBUTE: {"StringValue": ORIGIN.text().replace(":7", ":-7")}}},
    ],
)
def test_what_payflow_did_not_write_is_none(message: dict[str, object]) -> None:
    assert origin_of(message) is None


def test_the_longest_attribute_fits_beside_the_longest_body_that_may_wait() -> None:
    longest = Origin(message_id="x" * 100, sent_at_ms=10**15, receives=2**32 - 1, attempts=2**32 - 1)
    attribute_bytes = len(ORIGIN_ATTRIBUTE) + len("String") + len(longest.text())
    assert BODY_BYTES_MAX + attribute_bytes <= SEND_BYTES_MAX
