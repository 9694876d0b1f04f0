"""The plain intake's way back to SQS: deletes, retries, releases and extensions, each in batches of ten."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from payflow.intake.in_hand import Delivery, InHand, Stage
from payflow.intake.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

    from payflow.intake.options import IntakeOptions
    from payflow.intake.renewed_client import RenewedClient
    from payflow.intake.tally import Tally

__all__ = ["Decisions"]

_ATTEMPTS_MAX: Final = 20
_PAUSE_MAX_S: Final = 5.0
_ERRORS: Final = (ClientError, BotoCoreError, TimeoutError)
_TICK_S: Final = 0.1

Purpose = Literal["extended", "retried", "released"]


class _Deletion(NamedTuple):
    delivery: Delivery
    attempts: int


class _Change(NamedTuple):
    delivery: Delivery
    visible_after_s: int
    purpose: Purpose
    attempts: int


class Decisions:
    """Tells SQS what was decided, until it has taken it or the tries are spent."""

    def __init__(self, options: IntakeOptions, sqs: RenewedClient, in_hand: InHand, tally: Tally) -> None:
        self._options = options
        self._sqs = sqs
        self._in_hand = in_hand
        self._tally = tally
        self.room = asyncio.Event()
        age_max_s, parallel = options.delete_batch_age_ms / 1e3, options.deletes_max
        self._deletes: Outbox[_Deletion] = Outbox(self._delete_batch, age_max_s=age_max_s, parallel=parallel)
        self._changes: Outbox[_Change] = Outbox(self._change_batch, age_max_s=age_max_s, parallel=parallel)

    def parts(self) -> list[Coroutine[Any, Any, None]]:
        """Return what has to run beside the polls."""
        return [self._deletes.run(), self._changes.run(), self._keep_alive()]

    def delete(self, tokens: Iterable[int]) -> None:
        """Delete what is in hand and undecided; returns at once."""
        decided = [self._in_hand.decide(token, Stage.DELETING) for token in tokens]
        deliveries = [delivery for delivery in decided if delivery is not None]
        for delivery in deliveries:
            delivery.decided_at = _now()
        self._deletes.add([_Deletion(delivery, 0) for delivery in deliveries])

    def give_back(self, returns: Iterable[tuple[int, int]], purpose: Purpose) -> None:
        """Make each undecided delivery visible after its delay; returns at once."""
        changes = []
        for token, delay_s in returns:
            delivery = self._in_hand.decide(token, Stage.RETURNING)
            if delivery is None:
                continue
            if delivery.extending:
                # The later of two visibility changes wins, so the return waits for the extension under way.
                delivery.return_after_s = delay_s
            else:
                changes.append(_Change(delivery, delay_s, purpose, 0))
        self._changes.add(changes)

    async def emptied(self, timeout_s: float) -> bool:
        """Wait until nothing is in hand; False if that took too long."""
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                while len(self._in_hand):
                    await self.room.wait()
                    self.room.clear()
        except TimeoutError:
            return False
        return True

    def _settle(self, delivery: Delivery, counted: str) -> None:
        self._tally.counts[counted] += 1
        if counted == "deleted":
            self._tally.acknowledged(_now() - delivery.decided_at, first=delivery.first)
        self._in_hand.settle(delivery.token)
        self.room.set()

    async def _delete_batch(self, batch: list[_Deletion]) -> None:
        entries = [
            {"Id": str(index), "ReceiptHandle": deletion.delivery.receipt}
            for index, deletion in enumerate(batch)
        ]
        self._tally.counts["delete_calls"] += 1
        try:
            answer = await self._call("delete_message_batch", Entries=entries)
        except _ERRORS as error:
            self._tally.failed("delete", error)
            self._tally.counts["delete_failures"] += len(batch)
            await self._delete_again(batch)
            return
        refused = {int(entry["Id"]) for entry in answer.get("Failed", [])}
        for index, deletion in enumerate(batch):
            if index not in refused:
                self._settle(deletion.delivery, "deleted")
        self._tally.counts["delete_failures"] += len(refused)
        await asyncio.gather(*(self._delete_singly(batch[index].delivery) for index in refused))

    async def _delete_again(self, batch: list[_Deletion]) -> None:
        await _pause(batch[0].attempts + 1)
        left = [_Deletion(deletion.delivery, deletion.attempts + 1) for deletion in batch]
        self._deletes.add([deletion for deletion in left if deletion.attempts < _ATTEMPTS_MAX])
        for deletion in left:
            if deletion.attempts >= _ATTEMPTS_MAX:
                self._settle(deletion.delivery, "abandoned")

    async def _delete_singly(self, delivery: Delivery) -> None:
        for attempt in range(1, _ATTEMPTS_MAX + 1):
            self._tally.counts["delete_calls"] += 1
            try:
                await self._call("delete_message", ReceiptHandle=delivery.receipt)
            except _ERRORS as error:
                self._tally.failed("delete", error)
                self._tally.counts["delete_failures"] += 1
                if _is_refusal(error):
                    break
                await _pause(attempt)
            else:
                self._settle(delivery, "deleted")
                return
        self._settle(delivery, "abandoned")

    async def _change_batch(self, batch: list[_Change]) -> None:
        entries = [
            {
                "Id": str(index),
                "ReceiptHandle": change.delivery.receipt,
                "VisibilityTimeout": change.visible_after_s,
            }
            for index, change in enumerate(batch)
        ]
        self._tally.counts["other_calls"] += 1
        asked_at = _now()
        failed: dict[int, bool] = {}
        try:
            answer = await self._call("change_message_visibility_batch", Entries=entries)
            failed = {int(entry["Id"]): bool(entry["SenderFault"]) for entry in answer.get("Failed", [])}
        except _ERRORS as error:
            self._tally.failed("other", error)
            failed = dict.fromkeys(range(len(batch)), False)
        again = []
        for index, change in enumerate(batch):
            refused = failed.get(index)
            if change.purpose == "extended":
                self._conclude_extension(change.delivery, refused, asked_at)
            elif refused is None:
                self._settle(change.delivery, change.purpose)
            elif refused or change.attempts + 1 >= _ATTEMPTS_MAX:
                self._settle(change.delivery, "abandoned")
            else:
                again.append(change._replace(attempts=change.attempts + 1))
        if again:
            await _pause(again[0].attempts)
            self._changes.add(again)

    def _conclude_extension(self, delivery: Delivery, refused: bool | None, asked_at: float) -> None:
        delivery.extending = False
        if self._in_hand.get(delivery.token) is None:
            return
        if refused is None:
            self._tally.counts["extended"] += 1
            self._tally.margin(delivery.visible_at - asked_at)
            self._in_hand.extended(delivery, asked_at)
        else:
            self._tally.counts["extension_failures"] += 1
            if refused:
                self._expire(delivery)
            else:
                self._in_hand.extend_later(delivery, _now())
        if delivery.return_after_s is not None:
            self._changes.add([_Change(delivery, delivery.return_after_s, "retried", 0)])

    def _expire(self, delivery: Delivery) -> None:
        self._tally.counts["expired"] += 1
        self._in_hand.lose(delivery)
        self.room.set()

    async def _keep_alive(self) -> None:
        visible_after_s = self._options.visibility_timeout_s
        while True:
            await asyncio.sleep(_TICK_S)
            now = _now()
            changes = []
            for delivery in self._in_hand.due(now):
                if now >= min(delivery.give_up_at, delivery.visible_at):
                    self._expire(delivery)
                else:
                    delivery.extending = True
                    changes.append(_Change(delivery, visible_after_s, "extended", 0))
            self._changes.add(changes)

    async def _call(self, operation: str, **request: Any) -> Any:
        options = self._options
        return await self._sqs.call(operation, options.call_timeout_s, QueueUrl=options.queue_url, **request)


def _is_refusal(error: BaseException) -> bool:
    """Tell whether asking again cannot help."""
    if not isinstance(error, ClientError):
        return False
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code = error.response["Error"].get("Code", "")
    return 400 <= status < 500 and status != 429 and "Throttl" not in code  # noqa: PLR2004 - HTTP's own numbers


async def _pause(attempt: int) -> None:
    """Wait with full jitter, doubling from 100 ms."""
    await asyncio.sleep(random.uniform(0, min(0.1 * 2 ** (attempt - 1), _PAUSE_MAX_S)))  # noqa: S311


def _now() -> float:
    return asyncio.get_running_loop().time()
