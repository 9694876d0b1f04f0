"""Holds the books against what was told: nothing lost, twice or made up, every sum as the model has it.

The model (`payflow.workload.expected`) shares no code with the payment machine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from payflow.workload import Expected, expected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.drill.told import Told
    from payflow.workload.draft import Fact

__all__ = ["CLAIMS", "Finding", "compare_letters", "compare_payments"]

Key: TypeAlias = tuple[str, str, str]
"""What names an event for ever: payment id, source, event id."""

CLAIMS: Final = {
    "lost": "every event that was sent is in the trail",
    "made_up": "the trail has no event that was not sent",
    "applied_twice": "no event took effect twice",
    "still_parked": "no valid fact still waits",
    "wrongly_quarantined": "no valid fact was quarantined",
    "contradiction_unseen": "every contradiction surfaced",
    "payment_differs": "sums and status of every payment are the model's",
    "malformed_unlisted": "every malformed message is listed",
    "malformed_twice": "no message is listed twice",
    "wrongly_dead_lettered": "nothing was dead-lettered but what can't be applied",
    "dead_letter_unsent": "every dead letter is in the dead-letter queue",
    "dead_letter_unlisted": "the dead-letter queue has nothing else",
}
"""What is demanded, by the name of its violation."""

_WITHOUT_MESSAGE: Final = ("parked:", "orphaned:")
"""How ids of dead letters begin that come of facts which had waited: their messages are long gone."""

_SQL = files("payflow.drill") / "sql"


def _statement(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text()


_PAYMENTS, _FIRST_SIGHTS, _NOT_ONCE = map(_statement, ("payments", "first_sights", "not_once"))
_PARKED, _QUARANTINED, _ALERTED = map(_statement, ("parked", "quarantined", "alerted"))
_LETTERS = _statement("letters")


@dataclass(frozen=True)
class Finding:
    """One violation."""

    claim: str
    """One of `CLAIMS`, or of the drill's own."""
    subject: str
    expected: str
    found: str


async def compare_payments(connection: Any, told: Told, part: str = "") -> list[Finding]:
    """Compare events and payments; all of them, or those of one part.

    Args:
        connection: to the database, which nobody changes meanwhile.
        told: everything that was sent of these payments.
        part: first digits of the digest of their ids.

    """

    async def keys(statement: str) -> set[Key]:
        return {tuple(row) for row in await connection.fetch(statement, part)}

    facts, faulty = {_key(fact) for fact in told.facts}, {_key(fact) for fact in told.faulty}
    seen, parked, quarantined = (
        await keys(_FIRST_SIGHTS),
        await keys(_PARKED),
        await keys(_QUARANTINED),
    )
    findings = [
        *_of("lost", (facts | faulty) - seen, "in the trail", "missing"),
        *_of("made_up", seen - facts - faulty, "nothing", "in the trail"),
        *_of("still_parked", parked - faulty, "applied", "parked"),
        *_of("wrongly_quarantined", quarantined - faulty, "applied", "quarantined"),
        *_of(
            "contradiction_unseen",
            faulty - parked - quarantined - await keys(_ALERTED),
            "parked, quarantined or alerted",
            "none of it",
        ),
    ]
    findings += [
        Finding("applied_twice", _name(tuple(row)[:3]), "1 time", f"{row['times']} times")
        for row in await connection.fetch(_NOT_ONCE, part)
    ]
    return findings + _payments(await connection.fetch(_PAYMENTS, part), told)


async def compare_letters(connection: Any, told: Told, queued: Iterable[bytes] | None) -> list[Finding]:
    """Compare dead letters.

    Args:
        connection: to the database.
        told: has all malformed messages.
        queued: bodies of all messages in the dead-letter queue; None leaves it out.

    """
    rows = await connection.fetch(_LETTERS)
    listed = Counter(bytes(row["body"]) for row in rows if row["class"] == "malformed")
    sent = Counter(told.malformed)
    findings = [
        Finding("malformed_unlisted", _shown(body), "a row in dead_letters", "none") for body in sent - listed
    ]
    twice = listed - sent
    if twice.total() > told.resent:
        findings += [Finding("malformed_twice", _shown(body), "1 row", "more") for body in twice]
    findings += [
        Finding(
            "wrongly_dead_lettered",
            f"message {row['message_id']}",
            "applied",
            f"{row['class']}: {row['reason']}",
        )
        for row in rows
        if row["class"] not in ("malformed", "conflict", "impossible")
    ]
    if queued is None:
        return findings
    listed_bodies, queued_bodies = {bytes(row["body"]) for row in rows}, set(queued)
    came_as_messages = {
        bytes(row["body"]) for row in rows if not row["message_id"].startswith(_WITHOUT_MESSAGE)
    }
    findings += [
        Finding("dead_letter_unsent", _shown(body), "in the dead-letter queue", "missing")
        for body in came_as_messages - queued_bodies
    ]
    return findings + [
        Finding("dead_letter_unlisted", _shown(body), "a row in dead_letters", "none")
        for body in queued_bodies - listed_bodies
    ]


def _payments(rows: list[Any], told: Told) -> list[Finding]:
    histories: dict[str, list[Fact]] = defaultdict(list)
    for fact in told.facts:
        histories[fact["payment_id"]].append(fact)
    as_told: dict[str, Expected | None] = {fact["payment_id"]: None for fact in told.faulty}
    as_told |= {payment_id: expected(history) for payment_id, history in histories.items()}
    booked = {row["payment_id"]: _booked(row) for row in rows}
    return [
        Finding(
            "payment_differs",
            payment_id,
            str(as_told.get(payment_id, "never told")),
            str(booked.get(payment_id, "missing")),
        )
        for payment_id in sorted(booked.keys() | as_told.keys())
        if booked.get(payment_id, "missing") != as_told.get(payment_id, "never told")
    ]


def _booked(row: Any) -> Expected | None:
    """Give a payment in the oracle's words; None for one that only anchors facts that wait."""
    if row["currency"] is None:
        return None
    return Expected(**{name: row[name] for name in Expected.__dataclass_fields__})


def _of(claim: str, keys: set[Key], wanted: str, found: str) -> list[Finding]:
    return [Finding(claim, _name(key), wanted, found) for key in sorted(keys)]


def _key(fact: Fact) -> Key:
    return fact["payment_id"], fact["source"], fact["event_id"]


def _name(key: tuple[Any, ...]) -> str:
    return "/".join(key)


def _shown(body: bytes) -> str:
    return repr(body[:120])
