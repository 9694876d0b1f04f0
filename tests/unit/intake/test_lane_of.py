"""The lane function as Python sees it."""

from __future__ import annotations

import pytest
from payflow._native import lane_of


def test_envelopes_of_one_payment_share_a_lane_whatever_their_message() -> None:
    bodies = [
        b'{"payment_id":"pay_1"}',
        b'{"specversion":"1.0","subject":"pay_1","data":{}}',
        b'{"Type":"Notification","Message":"{\\"payment_id\\":\\"pay_1\\"}"}',
        b'{"detail-type":"x","detail":{"payment_id":"pay_1"}}',
    ]
    assert len({lane_of(body, f"m-{number}", 1_000) for number, body in enumerate(bodies)}) == 1


def test_junk_goes_by_its_message_id() -> None:
    assert lane_of(b"\xff", "m", 1_000) == lane_of(b"", "m", 1_000)


def test_no_lanes_is_an_error() -> None:
    with pytest.raises(ValueError, match="lanes: must be at least 1"):
        lane_of(b"", "m", 0)
