"""The intake that lives in Rust: the interpreter is woken once for any number of batches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from payflow import _native
from payflow.errors import QueueMissing, QueueUnavailable
from payflow.intake.contract import Batch, Carried, DeadLetter, IntakeStats, IntakeTimings, StopReport
from payflow.intake.letters import attributes_of
from payflow.intake.options import checked_batch_size
from payflow.telemetry.buckets import Distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.intake.options import IntakeOptions

__all__ = ["NativeIntake"]


class NativeIntake:
    """`Intake` on the Rust extension. Polls, deletes and extensions run on a thread of their own."""

    def __init__(self, options: IntakeOptions) -> None:
        knobs = {name: getattr(options, name) for name in options.__struct_fields__ if name != "static_key"}
        key = options.static_key
        self._native = _native.NativeIntake(
            access_key_id=key.access_key_id if key else None,
            secret_access_key=key.secret_access_key if key else None,
            **knobs,
        )
        self._queue_url = options.queue_url
        self._turns = [asyncio.Event() for _ in range(options.lanes)]
        self._stopping: asyncio.Task[StopReport] | None = None

    async def start(self, *, paused: bool = False) -> None:
        """See `Intake.start`."""
        try:
            await asyncio.to_thread(self._native.start, paused=paused)
        except OSError as error:
            refused = any(
                code in str(error) for code in ("NonExistentQueue", "QueueDoesNotExist", "AccessDenied")
            )
            raise (QueueMissing if refused else QueueUnavailable)(f"{self._queue_url}: {error}") from error
        asyncio.get_running_loop().add_reader(self._native.fileno(), self._wake)

    async def batch(self, lane: int) -> Batch | None:
        """See `Intake.batch`."""
        turn = self._turns[lane]
        while True:
            turn.clear()
            columns = self._native.take(lane)
            if columns is not None:
                tokens, bodies, message_ids, receive_counts, sent_at_ms, received_at_ms, carried = columns
                return Batch(
                    lane=lane,
                    tokens=tokens,
                    bodies=bodies,
                    message_ids=message_ids,
                    receive_counts=receive_counts,
                    sent_at_ms=sent_at_ms,
                    received_at_ms=received_at_ms,
                    carried={position: Carried(*behind) for position, behind in carried.items()},
                )
            if self._native.closed():
                return None
            await turn.wait()

    def acknowledge(self, tokens: Sequence[int]) -> None:
        """See `Intake.acknowledge`."""
        self._native.acknowledge(tokens)

    def retry(self, tokens: Sequence[int], delays_s: Sequence[int]) -> None:
        """See `Intake.retry`."""
        self._native.retry(tokens, delays_s)

    async def dead_letter(self, letters: Sequence[DeadLetter]) -> list[int]:
        """See `Intake.dead_letter`."""
        if not letters:
            return []
        plain = [(letter.token, letter.body, list(attributes_of(letter).items())) for letter in letters]
        return await asyncio.to_thread(self._native.dead_letter, plain)

    def pause(self) -> None:
        """See `Intake.pause`."""
        self._native.set_receiving(False)

    def resume(self) -> None:
        """See `Intake.resume`."""
        self._native.set_receiving(True)

    def allow(self, more: int | None) -> None:
        """See `Intake.allow`."""
        self._native.allow(more)

    def set_batch_size_max(self, batch_size_max: int) -> None:
        """See `Intake.set_batch_size_max`."""
        self._native.set_batch_size_max(checked_batch_size(batch_size_max))

    async def stop(self, timeout_s: float) -> StopReport:
        """See `Intake.stop`."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._wind_down(timeout_s))
        return await asyncio.shield(self._stopping)

    def stats(self) -> IntakeStats:
        """See `Intake.stats`."""
        return msgspec.convert(self._native.stats(), IntakeStats)

    def timings(self) -> IntakeTimings:
        """See `Intake.timings`."""
        first, again, margins = (
            Distribution(tuple(bounds), tuple(counts), sum_s)
            for bounds, counts, sum_s in self._native.timings()
        )
        return IntakeTimings(acknowledge={"first": first, "again": again}, extension_margin=margins)

    async def _wind_down(self, timeout_s: float) -> StopReport:
        report = await asyncio.to_thread(self._native.stop, timeout_s)
        if report is None:
            raise RuntimeError("the native intake was stopped behind the back of its owner")
        self._wake()
        asyncio.get_running_loop().remove_reader(self._native.fileno())
        clean, released, abandoned = report
        return StopReport(clean=clean, released=released, abandoned=abandoned)

    def _wake(self) -> None:
        for lane in self._native.ready():
            self._turns[lane].set()
