"""Ends a worker with SIGKILL at one exact place between two stages: no handler runs, no buffer is flushed.

Called in a worker's own process before it starts. It puts stages that die in the place of the worker's own;
everything else is the worker as it is.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from payflow.decoding import Decoded, Decoder
from payflow.idempotency import SeenMarks
from payflow.intake import open_intake, sending_back
from payflow.ledger import Ledger, deferral
from payflow.worker import parts, returning, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from payflow.intake import DeadLetter, Intake

STAGES = (
    "decoded",
    "asked_what_was_seen",
    "locked",
    "judged",
    "written",
    "committed",
    "marked",
    "half_deleted",
    "dead_letters_sent",
)
"""Places to die at, in the order in which a batch passes them."""

DEFERRAL_STAGES = ("deferral_recorded", "deferral_due", "deferral_sent", "deferral_taken_out")
"""Places to die at, in the order in which a message passes them that waits in the database."""


class Doom:
    """Counts the passages of one place, and dies at the chosen one."""

    def __init__(self, stage: str, passage: int) -> None:
        self._stage = stage
        self._left = passage

    def due(self, stage: str) -> bool:
        """Count this passage; say whether it is the last."""
        if stage != self._stage:
            return False
        self._left -= 1
        return self._left == 0

    def pass_by(self, stage: str) -> None:
        """Die if this is the place and the passage."""
        if self.due(stage):
            die()


def die() -> None:
    """End this process as a crash of the machine would."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(stage: str, passage: int) -> None:
    """Make this process's worker die when a batch passes `stage` for the `passage`-th time.

    Raises:
        ValueError: no such stage.
    """
    if stage not in STAGES + DEFERRAL_STAGES:
        raise ValueError(f"stage: {stage} is none of {', '.join(STAGES + DEFERRAL_STAGES)}")
    end = Doom(stage, passage)

    class DoomedDecoder(Decoder):
        def decode(self, bodies: Sequence[bytes]) -> Decoded:
            decoded = super().decode(bodies)
            end.pass_by("decoded")
            return decoded

    class DoomedMarks(SeenMarks):
        async def unseen(self, keys: Sequence[bytes], fingerprints: Sequence[bytes]) -> list[int]:
            unseen = await super().unseen(keys, fingerprints)
            end.pass_by("asked_what_was_seen")
            return unseen

        async def mark(self, keys: Sequence[bytes], fingerprints: Sequence[bytes]) -> None:
            await super().mark(keys, fingerprints)
            end.pass_by("marked")

    class DoomedLedger(Ledger):
        @asynccontextmanager
        async def transaction(self) -> AsyncIterator[Any]:
            async with super().transaction() as transaction:
                yield _DoomedTransaction(transaction, end)
                end.pass_by("written")
            end.pass_by("committed")

        async def record_deferred(self, queue: str, rows: Sequence[Any]) -> None:
            await super().record_deferred(queue, rows)
            end.pass_by("deferral_recorded")

    async def send_back(*arguments: Any, **options: Any) -> dict[int, str]:
        end.pass_by("deferral_due")
        failed = await sending_back.send_back(*arguments, **options)
        end.pass_by("deferral_sent")
        return failed

    async def returned_messages(*arguments: Any) -> int:
        taken_out = await deferral.returned_messages(*arguments)
        end.pass_by("deferral_taken_out")
        return taken_out

    def open_doomed_intake(*arguments: Any, **options: Any) -> Any:
        return _DoomedIntake(open_intake(*arguments, **options), end)

    vars(parts).update(Decoder=DoomedDecoder, SeenMarks=DoomedMarks, Ledger=DoomedLedger)
    vars(run).update(open_intake=open_doomed_intake)
    vars(returning).update(send_back=send_back, returned_messages=returned_messages)


class _DoomedTransaction:
    def __init__(self, transaction: Any, end: Doom) -> None:
        self._transaction = transaction
        self._end = end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transaction, name)

    async def lock(self, *arguments: Any) -> Any:
        payments = await self._transaction.lock(*arguments)
        self._end.pass_by("locked")
        return payments

    async def write(self, *arguments: Any) -> None:
        # Whoever writes has judged and has evaluated the rules.
        self._end.pass_by("judged")
        await self._transaction.write(*arguments)


class _DoomedIntake:
    def __init__(self, intake: Intake, end: Doom) -> None:
        self._intake = intake
        self._end = end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._intake, name)

    def acknowledge(self, tokens: Sequence[int]) -> None:
        if len(tokens) > 1 and self._end.due("half_deleted"):
            self._intake.acknowledge(tokens[: len(tokens) // 2])
            self._wait_for_deletes = asyncio.create_task(self._die_after_deletes())
        else:
            self._intake.acknowledge(tokens)

    async def dead_letter(self, letters: Sequence[DeadLetter]) -> list[int]:
        unsent = await self._intake.dead_letter(letters)
        self._end.pass_by("dead_letters_sent")
        return unsent

    async def _die_after_deletes(self) -> None:
        deleted = self._intake.stats().deleted
        while self._intake.stats().deleted == deleted:  # noqa: ASYNC110 - nothing tells when SQS has answered
            await asyncio.sleep(0)
        die()
