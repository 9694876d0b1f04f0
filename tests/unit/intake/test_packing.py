"""Messages share a call as far as SQS allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from payflow.intake.packing import SEND_BYTES_MAX, packed


@given(st.lists(st.integers(0, SEND_BYTES_MAX), max_size=60), st.integers(1, 20))
def test_every_message_is_in_one_call_in_order_and_no_call_is_too_large(
    sizes: list[int], messages_max: int
) -> None:
    runs = list(packed(sizes, lambda size: size, messages_max))
    assert [size for run in runs for size in run] == sizes
    assert all(1 <= len(run) <= min(messages_max, 10) for run in runs)
    assert all(sum(run) <= SEND_BYTES_MAX for run in runs)


def test_a_message_beyond_the_limit_goes_alone() -> None:
    runs = list(packed([1, SEND_BYTES_MAX + 1, 1], lambda size: size))
    assert [len(run) for run in runs] == [1, 1, 1]
