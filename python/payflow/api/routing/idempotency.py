"""Idempotency keys: claim, work and stored reply are one PostgreSQL transaction.

The key is scoped to (principal, method, route) and kept for 24 hours. The same request gets the stored reply,
another one under the same key is refused, and a second one while the first is at work is told so instead of
waiting. A call that fails or is refused stores nothing: its transaction is rolled back, claim and all.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from payflow.api.routing.decoding import canonical
from payflow.api.routing.problems import (
    IDEMPOTENCY_IN_FLIGHT,
    IDEMPOTENCY_KEY_MISSING,
    IDEMPOTENCY_KEY_REUSED,
    Fault,
    ProblemError,
)
from payflow.api.routing.route import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payflow.api.routing.route import Call
    from payflow.ledger.pool import Connection

KEPT_FOR: Final = timedelta(hours=24)
KEY_LENGTH_MAX: Final = 255
REPLAYED: Final = "idempotency-replayed"
FORGET_BATCH: Final = 1_000

_SQL = files("payflow.api.routing") / "sql"
_CLAIM = (_SQL / "idempotency_claim.sql").read_text()
_KEPT = (_SQL / "idempotency_kept.sql").read_text()
_KEEP = (_SQL / "idempotency_keep.sql").read_text()
_FORGET = (_SQL / "idempotency_forget.sql").read_text()


def read_key(header: bytes | None) -> str:
    """Read the `Idempotency-Key` header.

    Raises:
        ProblemError: idempotency_key_missing.

    """
    if header is None:
        raise ProblemError(IDEMPOTENCY_KEY_MISSING)
    key = header.decode("latin-1").strip().removeprefix('"').removesuffix('"')
    if not 0 < len(key) <= KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        rule = f"must have 1 to {KEY_LENGTH_MAX} printable ASCII characters"
        raise ProblemError(
            IDEMPOTENCY_KEY_MISSING,
            detail=f"Idempotency-Key: {rule}",
            errors=[Fault("/headers/Idempotency-Key", rule)],
        )
    return key


class Claim:
    """One call's hold on its key, inside one transaction."""

    def __init__(self, call: Call, raw_query: bytes, raw_body: bytes) -> None:
        """``raw_query`` and ``raw_body`` are what the request came with; they tell it from another one."""
        route = call.route
        self._scope = (call.principal.user_id, route.method, route.path, call.idempotency_key or "")
        parts = [
            *(value.encode() for value in call.path.values()),
            raw_query,
            (call.if_match or "").encode(),
            canonical(raw_body),
        ]
        self._fingerprint = hashlib.sha256(_joined(parts)).digest()

    async def kept(self, connection: Connection, now: datetime) -> Answer | None:
        """Take the key; give the reply that was stored for this very request, if there is one.

        Raises:
            ProblemError: idempotency_in_flight or idempotency_key_reused.

        """
        digest = hashlib.blake2b(_joined(part.encode() for part in self._scope), digest_size=8).digest()
        if not await connection.fetchval(_CLAIM, int.from_bytes(digest, "big", signed=True)):
            raise ProblemError(IDEMPOTENCY_IN_FLIGHT, headers={"retry-after": "1"})
        row = await connection.fetchrow(_KEPT, *self._scope, now)
        if row is None:
            return None
        if row["fingerprint"] != self._fingerprint:
            raise ProblemError(IDEMPOTENCY_KEY_REUSED)
        headers = msgspec.json.decode(row["headers"], type=dict[str, str])
        body = None if row["body"] is None else msgspec.Raw(row["body"])
        return Answer(row["status"], body, headers | {REPLAYED: "true"})

    async def keep(self, connection: Connection, answer: Answer, body: bytes | None, now: datetime) -> None:
        """Store the reply, to be committed with the work."""
        await connection.execute(
            _KEEP,
            *self._scope,
            self._fingerprint,
            answer.status,
            msgspec.json.encode(dict(answer.headers)).decode(),
            body,
            now,
            now + KEPT_FOR,
        )


async def forget_expired(connection: Connection, now: datetime) -> int:
    """Delete a bounded number of replies past their time; give how many were deleted."""
    done: str = await connection.execute(_FORGET, now, FORGET_BATCH)
    return int(done.rsplit(" ", 1)[-1])


def _joined(parts: Iterable[bytes]) -> bytes:
    """Join with lengths before the parts, so that no two lists of parts look the same."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
