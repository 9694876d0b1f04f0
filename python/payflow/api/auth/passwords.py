"""Passwords: argon2id on threads of their own, so many at once and so many waiting, and no more."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

import argon2

from payflow.api.routing.problems import INVALID_BODY, RATE_LIMITED, Fault, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

# ASVS 5.0, appendix C: argon2id with t = 1 takes at least 46 MiB.
TIME_COST: Final = 1
MEMORY_KIB: Final = 46 * 1_024
PARALLELISM: Final = 1
LENGTH_MAX: Final = 256
"""Longer ones would only cost time."""
RETRY_AFTER_S: Final = 2

T = TypeVar("T")


class Passwords:
    """Hashes and verifies passwords.

    Args:
        threads: how many are hashed side by side.
        queue_max: how many wait for a thread; more are refused.
        length_min: fewest characters of a new password.

    """

    def __init__(self, threads: int, queue_max: int, length_min: int) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM
        )
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._places = threading.BoundedSemaphore(threads + queue_max)
        self._length_min = length_min
        # Verified in place of a hash that is not there: whether an account exists must not show in the time.
        self._decoy = self._hasher.hash("nobody has this password")

    def close(self) -> None:
        """End the threads; what they are at is finished first."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def check_new(self, password: str, email: str, pointer: str) -> None:
        """Refuse a password that is too short, too long, or the e-mail.

        Raises:
            ProblemError: invalid_body.

        """
        rule = None
        if len(password) < self._length_min:
            rule = f"must have at least {self._length_min} characters"
        elif password.strip().casefold() == email.casefold():
            rule = "must not be the e-mail"
        elif len(set(password)) == 1:
            rule = "must not be one character over and over"
        if rule is not None:
            raise ProblemError(
                INVALID_BODY, detail=f"{pointer.strip('/')}: {rule}", errors=[Fault(pointer, rule)]
            )

    async def hash(self, password: str) -> str:
        """Hash a new password.

        Raises:
            ProblemError: rate_limited, when too many wait already.

        """
        return await self._on_thread(lambda: self._hasher.hash(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Tell whether a password is right; takes as long when there is none.

        Raises:
            ProblemError: rate_limited, when too many wait already.

        """

        def verify() -> bool:
            try:
                return self._hasher.verify(hashed or self._decoy, password) and hashed is not None
            except argon2.exceptions.VerificationError:
                return False

        return await self._on_thread(verify)

    def outdated(self, hashed: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise ProblemError(
                RATE_LIMITED,
                detail="too many sign-ins at once; try again in a moment",
                headers={"retry-after": str(RETRY_AFTER_S)},
            )
        job = self._threads.submit(work)
        # The place is free when the thread is: a call that is given up doesn't stop it.
        job.add_done_callback(lambda _job: self._places.release())
        return await asyncio.wrap_future(job)
