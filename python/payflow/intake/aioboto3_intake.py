"""The same intake, plainly, on aioboto3: to compare with, and to fall back on."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from payflow import _native
from payflow.cancellation import cancel_surely
from payflow.errors import QueueUnavailable
from payflow.intake.allowance import Allowance
from payflow.intake.contract import Batch, Carried, DeadLetter, IntakeStats, StopReport
from payflow.intake.decisions import Decisions
from payflow.intake.in_hand import InHand, Stage
from payflow.intake.letters import attributes_of, runs_of
from payflow.intake.options import checked_batch_size
from payflow.intake.origin import ORIGIN_ATTRIBUTE, origin_of
from payflow.intake.queues import client, queue_error
from payflow.intake.renewed_client import RenewedClient
from payflow.intake.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractAsyncContextManager

    from payflow.intake.allowance import Share
    from payflow.intake.contract import IntakeTimings
    from payflow.intake.options import IntakeOptions

__all__ = ["Aioboto3Intake"]

_PARTING_GRACE_S: Final = 0.25
_ERRORS: Final = (ClientError, BotoCoreError, TimeoutError)
_NOT_COUNTED: Final = frozenset(
    {
        *("in_flight", "buffered", "allowance", "polls_active", "errors", "clients_rebuilt"),
        "extension_margin_min_ms",
    }
)


class _Queued:
    """A delivery that nobody has taken yet."""

    __slots__ = (
        *("arrived", "body", "carried", "message_id", "receive_count", "received_at_ms", "sent_at_ms"),
        "token",
    )

    def __init__(self, message: dict[str, Any], arrived: float, received_at_ms: int) -> None:
        attributes = message.get("Attributes", {})
        self.token = 0
        self.body: bytes = message["Body"].encode()
        self.carried: Carried | None = None
        self.message_id: str = message["MessageId"]
        self.receive_count = int(attributes.get("ApproximateReceiveCount", 1))
        self.sent_at_ms = int(attributes.get("SentTimestamp", received_at_ms))
        self.received_at_ms = received_at_ms
        self.arrived = arrived
        origin = origin_of(message)
        if origin is not None:
            self.message_id, self.sent_at_ms = origin.message_id, origin.sent_at_ms
            self.receive_count += origin.receives
            self.carried = Carried(origin.attempts, origin.receives)


class Aioboto3Intake:
    """`Intake` on aioboto3: a task for each poll, one for deletes, one for visibility, one heartbeat."""

    def __init__(self, options: IntakeOptions) -> None:
        self._options = options
        self._batch_size_max = options.batch_size_max
        self._allowance = Allowance()
        self._lanes: list[deque[_Queued]] = [deque() for _ in range(options.lanes)]
        self._changed = [asyncio.Event() for _ in range(options.lanes)]
        self._tally = Tally()
        self._in_hand = InHand(
            in_flight_max=options.in_flight_max,
            visibility_timeout_s=options.visibility_timeout_s,
            total_max_s=options.extension_total_max_s,
        )
        self._sqs = RenewedClient(self._client)
        self._decisions = Decisions(options, self._sqs, self._in_hand, self._tally)
        self._polls: set[asyncio.Task[None]] = set()
        self._polls_active = 0
        self._background: list[asyncio.Task[None]] = []
        self._receiving = False
        self._closed = False
        self._stopping: asyncio.Task[StopReport] | None = None

    async def start(self, *, paused: bool = False) -> None:
        """See `Intake.start`."""
        url, deadline_s = self._options.queue_url, self._options.call_timeout_s
        asked = {"QueueUrl": url, "AttributeNames": ["VisibilityTimeout"]}
        try:
            await self._sqs.call("get_queue_attributes", deadline_s, **asked)
        except TimeoutError as error:
            await self._sqs.aclose()
            raise QueueUnavailable(f"{url}: no answer within {deadline_s:g} s") from error
        except (ClientError, BotoCoreError) as error:
            await self._sqs.aclose()
            raise queue_error(url, error) from error
        self._background = [asyncio.create_task(part) for part in self._decisions.parts()]
        if not paused:
            self.resume()

    async def batch(self, lane: int) -> Batch | None:
        """See `Intake.batch`."""
        queue, changed = self._lanes[lane], self._changed[lane]
        age_max_s = self._options.batch_age_max_ms / 1e3
        while True:
            wait_s = None
            if queue:
                wait_s = queue[0].arrived + age_max_s - _now()
                if len(queue) >= self._batch_size_max or wait_s <= 0:
                    batch = self._close_batch(lane)
                    if batch.tokens:
                        return batch
                    continue
            elif self._closed:
                return None
            changed.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await changed.wait()
            except TimeoutError:
                continue

    def acknowledge(self, tokens: Sequence[int]) -> None:
        """See `Intake.acknowledge`."""
        self._decisions.delete(tokens)

    def retry(self, tokens: Sequence[int], delays_s: Sequence[int]) -> None:
        """See `Intake.retry`."""
        self._decisions.give_back(zip(tokens, delays_s, strict=True), "retried")

    async def dead_letter(self, letters: Sequence[DeadLetter]) -> list[int]:
        """See `Intake.dead_letter`."""
        failed: list[int] = []
        for run in runs_of(letters):
            failed += await self._send_letters(run)
        refused = set(failed)
        sent = [letter.token for letter in letters if letter.token not in refused]
        self._tally.counts["dead_lettered"] += len(sent)
        self._tally.counts["dead_letter_failures"] += len(failed)
        self._decisions.delete(sent)
        return failed

    def pause(self) -> None:
        """See `Intake.pause`."""
        self._receiving = False
        loop = asyncio.get_running_loop()
        for poll in self._polls:
            loop.call_later(_PARTING_GRACE_S, poll.cancel)

    def resume(self) -> None:
        """See `Intake.resume`."""
        if self._receiving or self._stopping is not None:
            return
        self._receiving = True
        for _ in range(self._options.polls_max):
            poll = asyncio.create_task(self._keep_polling())
            self._polls.add(poll)
            poll.add_done_callback(self._polls.discard)

    def allow(self, more: int | None) -> None:
        """See `Intake.allow`."""
        self._allowance.allow(more)
        self._decisions.room.set()

    def set_batch_size_max(self, batch_size_max: int) -> None:
        """See `Intake.set_batch_size_max`."""
        self._batch_size_max = checked_batch_size(batch_size_max)
        for changed in self._changed:
            changed.set()

    async def stop(self, timeout_s: float) -> StopReport:
        """See `Intake.stop`."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._wind_down(timeout_s))
        return await asyncio.shield(self._stopping)

    def stats(self) -> IntakeStats:
        """See `Intake.stats`."""
        counted = {
            name: self._tally.counts[name]
            for name in IntakeStats.__struct_fields__
            if name not in _NOT_COUNTED
        }
        return IntakeStats(
            **counted,
            in_flight=len(self._in_hand),
            buffered=sum(map(len, self._lanes)),
            allowance=self._allowance.left,
            polls_active=self._polls_active,
            clients_rebuilt=self._sqs.rebuilt,
            errors=dict(self._tally.errors),
            extension_margin_min_ms=self._tally.margin_min_ms,
        )

    def timings(self) -> IntakeTimings:
        """See `Intake.timings`."""
        return self._tally.timings()

    def _client(self) -> AbstractAsyncContextManager[Any]:
        options = self._options
        return client(
            endpoint_url=options.endpoint_url,
            region=options.region,
            static_key=options.static_key,
            connect_timeout_s=options.connect_timeout_s,
            read_timeout_s=options.wait_time_s + options.poll_slack_s,
            attempts_max=1,
            connections_max=options.polls_max + 2 * options.deletes_max + 1,
        )

    async def _keep_polling(self) -> None:
        failures = 0
        while self._receiving:
            share = self._reserve()
            if share is None:
                await self._decisions.room.wait()
                self._decisions.room.clear()
                continue
            self._polls_active += 1
            received = 0
            try:
                received = await self._poll(share.size)
                failures = 0
            except _ERRORS as error:
                self._tally.failed("receive", error)
                failures += 1
            finally:
                self._polls_active -= 1
                self._in_hand.unreserve()
                self._allowance.give_back(share, received)
            if failures:
                bound_s = min(0.1 * 2 ** (failures - 1), self._options.poll_backoff_max_s)
                await asyncio.sleep(random.uniform(0, bound_s))  # noqa: S311 - jitter is no secret

    def _reserve(self) -> Share | None:
        """Set room and allowance aside for one receive."""
        if not self._in_hand.reserve():
            return None
        share = self._allowance.take()
        if share is None:
            self._in_hand.unreserve()
        return share

    async def _poll(self, size: int) -> int:
        """Receive up to `size` messages; give how many came."""
        options = self._options
        self._tally.counts["receive_calls"] += 1
        answer = await self._sqs.call(
            "receive_message",
            options.wait_time_s + options.poll_slack_s,
            QueueUrl=options.queue_url,
            MaxNumberOfMessages=size,
            WaitTimeSeconds=options.wait_time_s,
            VisibilityTimeout=options.visibility_timeout_s,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=[ORIGIN_ATTRIBUTE],
        )
        now, received_at_ms = _now(), time.time_ns() // 1_000_000
        messages = answer.get("Messages", [])
        self._tally.counts["received"] += len(messages)
        for message in messages:
            queued = _Queued(message, now, received_at_ms)
            first = queued.receive_count <= 1
            queued.token = self._in_hand.admit(message["ReceiptHandle"], now, first=first).token
            lane = _native.lane_of(queued.body, queued.message_id, options.lanes)
            self._lanes[lane].append(queued)
            self._changed[lane].set()
        return len(messages)

    def _close_batch(self, lane: int) -> Batch:
        queue = self._lanes[lane]
        taken = []
        for _ in range(min(len(queue), self._batch_size_max)):
            queued = queue.popleft()
            delivery = self._in_hand.get(queued.token)
            if delivery is not None:
                delivery.stage = Stage.RUNNING
                taken.append(queued)
        return Batch(
            lane=lane,
            tokens=[queued.token for queued in taken],
            bodies=[queued.body for queued in taken],
            message_ids=[queued.message_id for queued in taken],
            receive_counts=[queued.receive_count for queued in taken],
            sent_at_ms=[queued.sent_at_ms for queued in taken],
            received_at_ms=[queued.received_at_ms for queued in taken],
            carried={
                position: queued.carried
                for position, queued in enumerate(taken)
                if queued.carried is not None
            },
        )

    async def _send_letters(self, letters: Sequence[DeadLetter]) -> list[int]:
        """Send what fits one call; return the tokens that failed."""
        entries = [
            {
                "Id": str(index),
                "MessageBody": letter.body.decode(errors="replace"),
                "MessageAttributes": {
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in attributes_of(letter).items()
                },
            }
            for index, letter in enumerate(letters)
        ]
        if self._options.dead_letter_queue_url is None:
            self._tally.errors["setting"] += 1
            return [letter.token for letter in letters]
        self._tally.counts["other_calls"] += 1
        try:
            answer = await self._sqs.call(
                "send_message_batch",
                self._options.call_timeout_s,
                QueueUrl=self._options.dead_letter_queue_url,
                Entries=entries,
            )
        except _ERRORS as error:
            self._tally.failed("other", error)
            return [letter.token for letter in letters]
        return [letters[int(entry["Id"])].token for entry in answer.get("Failed", [])]

    async def _wind_down(self, timeout_s: float) -> StopReport:
        ends_at = _now() + timeout_s
        before = self._tally.counts.copy()
        polls = set(self._polls)
        self.pause()
        if polls:
            await asyncio.wait(polls, timeout=min(timeout_s, 2 * _PARTING_GRACE_S))
        self._closed = True
        untaken = [queued.token for queue in self._lanes for queued in queue]
        for queue, changed in zip(self._lanes, self._changed, strict=True):
            queue.clear()
            changed.set()
        self._decisions.give_back(((token, 0) for token in untaken), "released")
        kept_for_release_s = min(timeout_s / 5, 2.0)
        if not await self._decisions.emptied(ends_at - kept_for_release_s - _now()):
            undecided = self._in_hand.undecided()
            self._decisions.give_back(((token, 0) for token in undecided), "released")
            await self._decisions.emptied(ends_at - _now())
        await cancel_surely(self._background, give_up_s=max(ends_at - _now(), kept_for_release_s))
        await self._sqs.aclose()
        counts = self._tally.counts
        abandoned = counts["abandoned"] - before["abandoned"] + len(self._in_hand)
        released = counts["released"] - before["released"]
        return StopReport(clean=abandoned == 0, released=released, abandoned=abandoned)


def _now() -> float:
    return asyncio.get_running_loop().time()
