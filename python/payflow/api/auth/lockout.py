"""Bounds on guessing passwords, made so that guessing at somebody's account doesn't lock its owner out.

Failures count by device for a device that the account was signed in from before, and by account and address
for all others; further by account over all unknown devices, and by address over all accounts. Whoever guesses
uses up the budgets of unknown devices only. The answer is the same whether the account exists.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from payflow.api.budgets.store import Budget, BudgetStore
from payflow.api.routing.problems import ACCOUNT_LOCKED, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.api.auth.keys import SigningKeys

_NONCE_BYTES: Final = 16
_TAG_BYTES: Final = 16


class Devices:
    """Marks of devices that an account was signed in from, kept as a cookie by the device."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys.derived("device")
        self._signing_id = keys.signing_id

    def mark(self, email: str) -> str:
        """Make the mark of a new device."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        key_id = self._signing_id
        raw = nonce + self._tag(key_id, nonce, email)
        return f"{key_id}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"

    def known(self, mark: str | None, email: str) -> str | None:
        """Give the id of the device, if the mark was made here for this account."""
        key_id, _, encoded = (mark or "").partition(".")
        if key_id not in self._keys:
            return None
        try:
            raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        nonce, tag = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        return nonce.hex() if hmac.compare_digest(tag, self._tag(key_id, nonce, email)) else None

    def _tag(self, key_id: str, nonce: bytes, email: str) -> bytes:
        return hmac.digest(self._keys[key_id], nonce + email.encode(), hashlib.sha256)[:_TAG_BYTES]


@dataclass(frozen=True)
class LockoutOptions:
    """How many failures are allowed within the window."""

    failures_max: int
    failures_account_max: int
    failures_address_max: int
    window_s: int


class Taken(NamedTuple):
    """One try that was counted: a budget, whom it is of, and what it holds now."""

    budget: Budget
    names: tuple[str, ...]
    held: int


class Lockout:
    """Counts each try before the password is looked at, and gives it back when the password was right."""

    def __init__(
        self, options: LockoutOptions, store: BudgetStore, clock_s: Callable[[], float] = time.time
    ) -> None:
        window_s = options.window_s
        self._device = Budget("device", options.failures_max, window_s)
        self._pair = Budget("account-address", options.failures_max, window_s)
        self._account = Budget("account", options.failures_account_max, window_s)
        self._address = Budget("address", options.failures_address_max, window_s)
        self._store = store
        self._clock_s = clock_s

    async def enter(self, email: str, address: str, device: str | None) -> list[Taken]:
        """Count a try against every budget that applies.

        Raises:
            ProblemError: account_locked, when one of them is used up; ``just_now`` of the exception tells
                that it was this try that did it.

        """
        if device is not None:
            wanted: list[tuple[Budget, tuple[str, ...]]] = [(self._device, (_digest(email), device))]
        else:
            wanted = [
                (self._pair, (_digest(email), address)),
                (self._account, (_digest(email),)),
                (self._address, (address,)),
            ]
        taken = [Taken(budget, names, await self._store.add(budget, *names)) for budget, names in wanted]
        over = next((one for one in taken if one.held > one.budget.amount), None)
        if over is not None:
            wait_s = await self._store.ends_at_s(over.budget, *over.names) - self._clock_s()
            raise Locked(
                just_now=over.held == over.budget.amount + 1, retry_after_s=max(1, math.ceil(wait_s))
            )
        return taken

    async def leave(self, taken: list[Taken]) -> None:
        """Give a try back: the password was right."""
        for budget, names, _ in taken:
            if budget in {self._device, self._pair}:
                await self._store.clear(budget, *names)
            else:
                await self._store.add(budget, *names, amount=-1)


class Locked(ProblemError):  # noqa: N818 - it tells what happened
    """A budget of failed sign-ins is used up."""

    def __init__(self, *, just_now: bool, retry_after_s: int) -> None:
        super().__init__(ACCOUNT_LOCKED, headers={"retry-after": str(retry_after_s)})
        self.just_now = just_now


def _digest(email: str) -> str:
    """Name an account in Redis without its e-mail."""
    return hashlib.blake2b(email.encode(), digest_size=16).hexdigest()
