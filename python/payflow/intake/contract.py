"""What an intake promises: batches in, one decision for each delivery out.

Two implementations stand behind it: `native` (Rust, outside the interpreter lock) and `aioboto3` (plain).
A delivery is named by its *token*, a positive integer that is unique while the intake lives; the receipt
handle behind it never leaves the intake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payflow.telemetry.buckets import Distribution
    from payflow.telemetry.stages import Attempt


class Carried(NamedTuple):
    """What a message has behind it from before it waited in the database."""

    attempts: int
    """Attempts of it that failed."""
    receives: int
    """Deliveries of it; they are part of `Batch.receive_counts`."""


class Batch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Deliveries of one lane in order of arrival; entry `i` of every column belongs to delivery `i`."""

    lane: int
    tokens: list[int]
    bodies: list[bytes]
    message_ids: list[str]
    """Under which each message was first sent: one that waited in the database has a newer one in SQS."""
    receive_counts: list[int]
    """How often SQS has handed the message out, this delivery included (ApproximateReceiveCount)."""
    sent_at_ms: list[int]
    """When SQS first took the message in (SentTimestamp), milliseconds since the epoch."""
    received_at_ms: list[int]
    """When the poll that brought the message returned, milliseconds since the epoch."""
    carried: dict[int, Carried] = msgspec.field(default_factory=dict)
    """By position, the few messages that waited in the database before."""

    def __len__(self) -> int:
        return len(self.tokens)


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that no retry can help, with what an operator needs to judge it."""

    token: int
    body: bytes
    klass: str
    """The fate that brought it here, such as `malformed`, `conflict`, `impossible` or `exhausted`."""
    reason: str
    """One sentence that names the rule; cut to `DEAD_LETTER_REASON_MAX` characters on the wire."""
    path: str = ""
    """JSON path of the field at fault, empty when the whole message is."""
    message_id: str = ""
    correlation_id: str = ""
    payment_id: str = ""
    event_id: str = ""


class StopReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the deliveries in hand when the intake stopped."""

    clean: bool
    """True if everything was deleted, retried or released before the deadline."""
    released: int
    """Deliveries that were never handed out, or not decided on, and were made visible again."""
    abandoned: int
    """Deliveries left to their visibility timeout because the deadline passed or SQS refused."""


class IntakeStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counters since the start, and gauges as of now."""

    received: int
    deleted: int
    delete_failures: int
    extended: int
    extension_failures: int
    retried: int
    released: int
    dead_lettered: int
    dead_letter_failures: int
    expired: int
    """Deliveries given up because their extension total was spent or SQS no longer knew their receipt."""
    abandoned: int = 0
    """Deliveries left to their visibility timeout because SQS would not take the decision on them."""
    in_flight: int
    """Received, and neither deleted nor given back yet."""
    buffered: int
    """Part of `in_flight` that waits here for a lane to take it."""
    allowance: int | None = None
    """Deliveries that may still be received; None while nobody counts."""
    polls_active: int
    receive_calls: int
    delete_calls: int
    other_calls: int
    receive_calls_failed: int = 0
    delete_calls_failed: int = 0
    other_calls_failed: int = 0
    clients_rebuilt: int = 0
    """Times that connections were thrown away because a call on them hung."""
    errors: dict[str, int]
    """Failed calls by kind: the SQS error code, or `deadline`, `connect`, `protocol`, `credentials`."""
    extension_margin_min_ms: int | None
    """The least time that was left when a visibility extension succeeded; None before the first."""


class IntakeTimings(msgspec.Struct, frozen=True, kw_only=True):
    """Durations since the start, in seconds."""

    acknowledge: Mapping[Attempt, Distribution]
    """From the decision to delete until SQS had taken the delete; messages of first deliveries apart."""
    extension_margin: Distribution
    """What was left of the visibility timeout at each extension."""


DEAD_LETTER_REASON_MAX = 512
"""Longest reason that travels as a message attribute, in characters."""


@runtime_checkable
class Intake(Protocol):
    """Hands out batches and takes decisions back.

    Every delivery that `batch` returns must be decided by exactly one of `acknowledge`, `retry` or
    `dead_letter`; until then its visibility is extended, up to `IntakeOptions.extension_total_max_s`.
    Decisions on unknown tokens are ignored: the delivery was given up or decided on before.
    """

    async def start(self, *, paused: bool = False) -> None:
        """Begin to receive, or stand ready to if it shall be `paused` at first.

        Raises `QueueMissing` or `QueueUnavailable` if the queue does not answer.
        """

    async def batch(self, lane: int) -> Batch | None:
        """Wait for the next batch of `lane`; at most one caller for each lane.

        A batch closes at `batch_size_max` deliveries or `batch_age_max_ms` after its first one, whichever
        comes first. While the lane's caller is busy its queue grows, so the next batch is bigger.
        None says that the intake was stopped and nothing is left for this lane.
        """

    def acknowledge(self, tokens: Sequence[int]) -> None:
        """Put the deliveries into the delete buffer; returns at once."""

    def retry(self, tokens: Sequence[int], delays_s: Sequence[int]) -> None:
        """Make each delivery visible again after its delay, 0 to 43,200 s; returns at once."""

    async def dead_letter(self, letters: Sequence[DeadLetter]) -> list[int]:
        """Send the letters to the dead-letter queue, then delete the originals.

        Returns the tokens that could not be sent. They stay in flight, to be decided on again. Without
        `dead_letter_queue_url` that is all of them: retry them, and the queue's redrive policy takes over.
        """

    async def stop(self, timeout_s: float) -> StopReport:
        """Stop receiving, cancel parked polls, release what was not handed out, flush all decisions.

        `batch` returns None from now on, so lanes finish the batch that they hold and end; their decisions
        are taken meanwhile. What nobody has decided on after four fifths of `timeout_s` is released as well.
        Takes at most `timeout_s`; later calls return the first report.
        """

    def pause(self) -> None:
        """Stop receiving and cancel parked polls; what is in hand stays in hand and is kept alive."""

    def resume(self) -> None:
        """Receive again, starting with a single poll."""

    def allow(self, more: int | None) -> None:
        """Receive `more` deliveries beyond what is left of those allowed before; None lifts the count.

        Without a first call nobody counts. A receive asks for no more than is allowed, and what it does not
        bring may be received later. Receives that were under way before the first call are not counted.
        """

    def set_batch_size_max(self, batch_size_max: int) -> None:
        """Close batches at so many deliveries from now on, 1 to 10,000; what waits already included."""

    def stats(self) -> IntakeStats:
        """Return counters and gauges; cheap enough for every scrape."""

    def timings(self) -> IntakeTimings:
        """Return durations; cheap enough for every scrape."""
