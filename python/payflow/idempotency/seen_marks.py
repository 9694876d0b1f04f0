"""Asks for and writes marks, a batch at a time, and never lets Redis hold up or end a batch.

A mark says that an event with this fingerprint was committed. Whatever goes wrong (no server, a frozen one, a
read-only one, an answer that makes no sense) reads as "nothing is known", which costs PostgreSQL a lookup and
is never wrong. After a failure Redis is left alone for a moment, so that a frozen server costs one deadline a
second and not one a batch.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.resources
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from redis.asyncio import Redis

__all__ = ["SeenMarks", "SeenOptions", "SeenStats"]

T = TypeVar("T")

# Lua hands its arguments to MGET on a stack of 8,000 places; and no call should occupy the server for long.
KEYS_PER_CALL_MAX: Final = 1_000
# The hash tag in `pf:{7}:...`. In a cluster, keys under one tag lie in one slot and go into one call.
_TAG_AT: Final = 4
_ALL: Final = -1


@dataclass(frozen=True, slots=True)
class SeenOptions:
    """How long marks live, and how long Redis may take."""

    ttl_s: int = 86_400
    deadline_s: float = 0.1
    hold_off_s: float = 1.0


@dataclass(slots=True)
class SeenStats:
    """Counts since the start. All but the failures and ``held_off_calls`` count events."""

    checked: int = 0
    seen: int = 0
    marked: int = 0
    held_off_calls: int = 0
    failures: dict[str, int] = field(
        default_factory=lambda: {"deadline": 0, "connection": 0, "refused": 0, "garbage": 0, "other": 0}
    )


class _Garbage(Exception):  # noqa: N818 - never leaves this module
    """An answer that no script of ours gives."""


class _Script:
    """A script by its digest, sent whole only when the server does not have it.

    ``held_until`` says for each group of keys until when the script is not run: reads and writes fail apart.
    """

    def __init__(self, name: str) -> None:
        self.text = importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        # The digest is the server's name for a script, not a matter of security.
        self.digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        self.held_until: dict[int, float] = {}

    async def run(self, redis: Any, keys: Sequence[bytes], *arguments: bytes | int) -> Any:
        """Run it in one call; in two where the server has forgotten it."""
        try:
            return await redis.evalsha(self.digest, len(keys), *keys, *arguments)
        except NoScriptError:
            return await redis.eval(self.text, len(keys), *keys, *arguments)


class SeenMarks:
    """The marks of one database in Redis."""

    def __init__(self, redis: Redis | RedisCluster, options: SeenOptions, clock: Callable[[], float]) -> None:
        """``clock`` gives monotonic seconds. The client stays the caller's to close."""
        self._redis = redis
        self._options = options
        self._clock = clock
        self._in_cluster = isinstance(redis, RedisCluster)
        self._check = _Script("check.lua")
        self._mark = _Script("mark.lua")
        self._stats = SeenStats()

    async def unseen(self, keys: Sequence[bytes], fingerprints: Sequence[bytes]) -> list[int]:
        """Tell which events of a batch are not known as done: their positions, ascending.

        Never raises. ``fingerprints`` has 16 bytes for each key; a mark with another fingerprint is no mark.
        """
        known = bytearray(len(keys))

        async def check(call: _Call) -> None:
            reply = await self._run(self._check, call, _flags)
            if reply is not None:
                for position, flag in zip(call.positions, reply, strict=True):
                    known[position] = flag

        await _each(check, self._calls(keys, fingerprints))
        seen = known.count(1)
        self._stats.checked += len(keys)
        self._stats.seen += seen
        if not seen:
            return list(range(len(keys)))
        return [position for position, flag in enumerate(known) if not flag]

    async def mark(self, keys: Sequence[bytes], fingerprints: Sequence[bytes]) -> None:
        """Mark events as done, after their commit. Never raises; a mark that fails costs work later."""

        async def mark(call: _Call) -> None:
            written = await self._run(self._mark, call, _written, self._options.ttl_s)
            self._stats.marked += written or 0

        await _each(mark, self._calls(keys, fingerprints))

    def stats(self) -> SeenStats:
        """Give the counts so far."""
        return replace(self._stats, failures=dict(self._stats.failures))

    async def _run(
        self, script: _Script, call: _Call, understood: Callable[[Any, int], T], *arguments: int
    ) -> T | None:
        """Run one call within the deadline; nothing when it failed, or when its group is held off."""
        if self._clock() < script.held_until.get(call.group, 0.0):
            self._stats.held_off_calls += 1
            return None
        try:
            async with asyncio.timeout(self._options.deadline_s):
                reply = await script.run(self._redis, call.keys, b"".join(call.fingerprints), *arguments)
            return understood(reply, len(call.keys))
        except Exception as error:  # noqa: BLE001 - drivers raise what they like; Redis must not end a batch
            self._hold_off(script, call.group, error)
            return None

    def _hold_off(self, script: _Script, group: int, error: Exception) -> None:
        kind = _kind_of(error)
        self._stats.failures[kind] += 1
        until = self._clock() + self._options.hold_off_s
        # A full or read-only server refuses to write and can still be asked; one that is gone can do neither.
        for held in (script,) if kind == "refused" else (self._check, self._mark):
            held.held_until[group] = until

    def _calls(self, keys: Sequence[bytes], fingerprints: Sequence[bytes]) -> list[_Call]:
        """Cut a batch into calls: one, unless it is too large or the server is a cluster."""
        if len(keys) != len(fingerprints):
            raise ValueError(
                f"each key needs a fingerprint: {len(keys)} keys, {len(fingerprints)} fingerprints"
            )
        if not self._in_cluster and len(keys) <= KEYS_PER_CALL_MAX:
            return [_Call(_ALL, range(len(keys)), keys, fingerprints)] if keys else []
        groups: dict[int, list[int]] = {}
        for position, key in enumerate(keys):
            groups.setdefault(key[_TAG_AT] if self._in_cluster else _ALL, []).append(position)
        return [
            _Call(group, part, [keys[at] for at in part], [fingerprints[at] for at in part])
            for group, positions in groups.items()
            for part in _parts(positions)
        ]


class _Call(NamedTuple):
    """What goes to the server at once: keys of one group, with their positions in the batch."""

    group: int
    positions: Sequence[int]
    keys: Sequence[bytes]
    fingerprints: Sequence[bytes]


def _parts(positions: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(positions), KEYS_PER_CALL_MAX):
        yield positions[start : start + KEYS_PER_CALL_MAX]


async def _each(run: Callable[[_Call], Coroutine[Any, Any, None]], calls: list[_Call]) -> None:
    """Run all calls side by side; a task is only made where there is more than one."""
    if len(calls) == 1:
        await run(calls[0])
    elif calls:
        await asyncio.gather(*map(run, calls))


def _flags(reply: Any, count: int) -> bytes:
    if isinstance(reply, bytes) and len(reply) == count == reply.count(0) + reply.count(1):
        return reply
    raise _Garbage


def _written(reply: Any, count: int) -> int:
    if reply == count:
        return count
    raise _Garbage


def _kind_of(error: Exception) -> str:
    match error:
        case TimeoutError() | RedisTimeoutError():
            return "deadline"
        case RedisConnectionError() | OSError():
            return "connection"
        case ResponseError():
            return "refused"
        case _Garbage():
            return "garbage"
    return "other"
