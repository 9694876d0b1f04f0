import subprocess
import sys
import uuid
from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest
from payflow.events import MONEYLESS_TYPES, Amount, EventType, PaymentEvent


def _event() -> PaymentEvent:
    return PaymentEvent(
        event_id="evt_1",
        source="adyen",
        type="sale.succeeded",
        payment_id="pay_1",
        operation_id="op_1",
        merchant_id="m_1",
        occurred_at=datetime(2026, 11, 22, tzinfo=UTC),
        amount=Amount(1, "EUR", 2),
    )


def test_there_are_thirty_four_types() -> None:
    assert len(set(get_args(EventType))) == 34
    assert set(get_args(EventType)) > MONEYLESS_TYPES


def test_an_event_without_a_correlation_id_is_given_a_unique_one() -> None:
    made = {_event().correlation_id for _ in range(1_000)}
    assert len(made) == 1_000


def test_a_made_correlation_id_has_the_shape_of_a_uuid() -> None:
    made = _event().correlation_id
    assert str(uuid.UUID(made)) == made


def test_two_processes_make_different_correlation_ids() -> None:
    code = "from payflow.events.payment_event import _make_correlation_id as make; print(make())"
    made = [subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)]  # noqa: S603
    assert made[0] != made[1]


def test_an_event_does_not_change() -> None:
    with pytest.raises(AttributeError):
        _event().event_id = "evt_2"  # type: ignore[misc]


def test_an_event_survives_the_wire() -> None:
    event = _event()
    assert msgspec.json.decode(msgspec.json.encode(event), type=PaymentEvent) == event
