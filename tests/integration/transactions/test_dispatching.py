"""Commands leave the outbox at least once, whatever dies in between, and are waited for a bounded time."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from payflow.dispatch import Dispatcher
from payflow.errors import QueueUnavailable
from payflow.ledger.commands import Machinery
from payflow.lifecycle import policies_of
from payflow.rules import compile_rules

from tests.integration.ledger.transactions import DECODER, SOURCES
from tests.integration.transactions.test_commands import proved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.settings import Settings

    from tests.integration.transactions.counter import Counter


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Queue:
    """Takes messages, or fails in the ways that SQS does."""

    def __init__(self) -> None:
        self.taken: list[dict[str, object]] = []
        self.unconfirmed = False
        self.away = False

    async def send(self, bodies: Sequence[bytes]) -> list[tuple[int, str]]:
        if self.away:
            raise QueueUnavailable("no route")
        self.taken += [json.loads(body) for body in bodies]
        return [(0, "timeout")] if self.unconfirmed else []


def dispatcher(queue: Queue, clock: Hands) -> Dispatcher:
    rules = compile_rules([])
    machinery = Machinery(policies=policies_of(SOURCES), decode=DECODER.decode, clock=clock)
    return Dispatcher(machinery, lambda: rules, queue.send, "dispatcher:test")


async def test_a_command_reaches_the_queue_with_all_that_its_adapter_needs(counter: Counter) -> None:
    await counter.captured("p1")
    asked = (await counter.ask("p1", "refund", 250, reason="broken cup")).json()["command"]
    queue = Queue()
    done = await dispatcher(queue, Hands()).dispatch(counter.desk.look)
    assert (done.sent, done.failed, done.unknown) == (1, 0, 0)
    [message] = queue.taken
    assert message["command_id"] == asked["command_id"]
    assert message["operation_id"] == asked["operation_id"]
    assert (message["command"], message["source"], message["payment_id"]) == ("refund", "stripe", "p1")
    assert message["amount"] == {"value": 250, "currency": "EUR", "exponent": 2}
    assert (message["reason"], message["acts_on"]) == (
        "broken cup",
        [{"operation_id": "c1", "amount_minor": 1_000}],
    )
    assert (await counter.detail("p1"))["commands"][0]["state"] == "sent"
    assert (await dispatcher(queue, Hands()).dispatch(counter.desk.look)).sent == 0


async def test_a_process_that_dies_before_it_sends_leaves_the_command_to_the_next(counter: Counter) -> None:
    await counter.captured("p1")
    await counter.ask("p1", "refund", 250)  # the API stops here, its dispatcher never ran
    queue = Queue()
    assert (await dispatcher(queue, Hands()).dispatch(counter.desk.look)).sent == 1


async def test_a_process_that_dies_after_it_sent_sends_again_under_the_same_id(
    counter: Counter, settings: Settings
) -> None:
    await counter.captured("p1")
    asked = (await counter.ask("p1", "refund", 250)).json()["command"]
    queue = Queue()

    class DiedError(Exception):
        pass

    async def send_and_die(bodies: Sequence[bytes]) -> list[tuple[int, str]]:
        await queue.send(bodies)
        raise DiedError

    dying = dispatcher(queue, Hands())
    dying._send = send_and_die
    with suppress(DiedError):
        await dying.dispatch(counter.desk.look)
    await dispatcher(queue, Hands()).dispatch(counter.desk.look)
    assert [message["command_id"] for message in queue.taken] == [asked["command_id"]] * 2

    answer = ("refund.succeeded", asked["operation_id"], 250)
    assert await counter.told("p1", answer, answer) == [
        ("apply", "applied"),
        ("duplicate", "event_seen"),
    ]
    assert (await counter.detail("p1"))["sums"]["refunded_minor"] == 250
    assert await proved(settings) == []


async def test_a_send_that_is_not_confirmed_is_tried_again_later_and_later(counter: Counter) -> None:
    await counter.captured("p1")
    await counter.ask("p1", "refund", 250)
    queue, clock = Queue(), Hands()
    sending = dispatcher(queue, clock)
    queue.away = True
    assert (await sending.dispatch(counter.desk.look)).failed == 1
    assert (await sending.dispatch(counter.desk.look)).failed == 0, "not before its time"
    clock.now += timedelta(seconds=1)
    assert (await sending.dispatch(counter.desk.look)).failed == 1
    clock.now += timedelta(seconds=1)
    assert (await sending.dispatch(counter.desk.look)).failed == 0, "the pause has doubled"
    queue.away, queue.unconfirmed = False, True
    clock.now += timedelta(seconds=1)
    assert (await sending.dispatch(counter.desk.look)).failed == 1
    queue.unconfirmed = False
    clock.now += timedelta(seconds=4)
    assert (await sending.dispatch(counter.desk.look)).sent == 1
    assert len(queue.taken) == 2, "the unconfirmed one had arrived"


async def test_a_command_without_an_answer_becomes_unknown_and_keeps_its_hold(
    counter: Counter, settings: Settings
) -> None:
    await counter.captured("p1")
    asked = (await counter.ask("p1", "refund", 250)).json()["command"]
    queue, clock = Queue(), Hands()
    sending = dispatcher(queue, clock)
    await sending.dispatch(counter.desk.look)
    clock.now += timedelta(seconds=899)
    assert (await sending.dispatch(counter.desk.look)).unknown == 0
    clock.now += timedelta(seconds=2)
    assert (await sending.dispatch(counter.desk.look)).unknown == 1
    detail = await counter.detail("p1")
    assert detail["commands"][0]["state"] == "unknown"
    assert detail["sums"]["refund_pending_minor"] == 250
    assert (await sending.dispatch(counter.desk.look)).unknown == 0, "told once"

    assert await counter.told("p1", ("refund.failed", asked["operation_id"], 250)) == [("apply", "applied")]
    assert (await counter.detail("p1"))["sums"]["refund_pending_minor"] == 0
    assert await proved(settings) == []


async def test_a_command_that_was_answered_does_not_become_unknown(counter: Counter) -> None:
    await counter.captured("p1")
    asked = (await counter.ask("p1", "refund", 250)).json()["command"]
    await counter.told("p1", ("refund.pending", asked["operation_id"], 250))
    clock = Hands()
    clock.now += timedelta(hours=1)
    assert (await dispatcher(Queue(), clock).dispatch(counter.desk.look)).unknown == 0
    assert (await counter.detail("p1"))["commands"][0]["state"] == "sent"


async def test_without_a_queue_commands_are_refused_and_say_what_is_missing(counter: Counter) -> None:
    await counter.captured("p1")
    commands = counter.api.services.settings.commands
    object.__setattr__(commands, "queue_name", None)
    detail = await counter.detail("p1")
    assert detail["allowed_commands"] == []
    assert "PAYFLOW_COMMANDS_QUEUE_NAME" in detail["refusals"]["refund"]
    answer = await counter.ask("p1", "refund", 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_state_conflict")
