"""The requests that the questions are made of: what the console asks, in the shares in which it asks."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from payflow.bench.api.load import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Caller:
    """Whom requests come from."""

    host: str
    port: int
    access_token: str

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    def ask(self, path: str, query: Mapping[str, str] | None = None, *, name: str | None = None) -> Ask:
        """Give a read of `path`, called by its path in the figures."""
        target = f"{PREFIX}{path}" + (f"?{urlencode(query)}" if query else "")
        return Ask(name or path, self._head("GET", target) + b"\r\n")

    def write(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Ask:
        """Give a write of JSON."""
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items()).encode()
        return Ask(path, self._head(method, f"{PREFIX}{path}") + lines + b"\r\n" + body)

    def _head(self, method: str, target: str) -> bytes:
        return (
            f"{method} {target} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"Authorization: Bearer {self.access_token}\r\n"
        ).encode()


@dataclass(frozen=True)
class Known:
    """What is in the database, for requests that name something."""

    payment_ids: list[str]
    merchant_ids: list[str]
    created_from: str
    created_to: str


LIST_FILTERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("all", {}),
    ("status", {"status": "captured"}),
    ("rare status", {"status": "voided"}),
    ("dispute", {"dispute_status": "open"}),
    ("currency", {"currency": "EUR"}),
    ("rare currency", {"currency": "JPY"}),
    ("source", {"source": "stripe"}),
    ("amount", {"amount_min_minor": "1000", "amount_max_minor": "20000"}),
    ("by amount", {"sort": "-amount_minor"}),
    ("by change", {"sort": "-updated_at"}),
    ("oldest first", {"sort": "created_at"}),
)
"""The filters of the console's payments page that name nothing of the database."""


def list_filters(known: Known) -> list[tuple[str, dict[str, str]]]:
    """Give every filter that the console offers on payments, and those that it is combined with most."""
    merchant = known.merchant_ids[0]
    return [
        *LIST_FILTERS,
        ("merchant", {"merchant_id": merchant}),
        ("merchant and status", {"merchant_id": merchant, "status": "captured"}),
        ("created", {"created_from": known.created_from, "created_to": known.created_to}),
        ("text", {"text": known.payment_ids[0][:12]}),
    ]


def mixed(caller: Caller, known: Known) -> list[Ask]:
    """Give what operators' consoles ask, in turn: mostly lists and payments, some of everything else."""
    payments = itertools.cycle(known.payment_ids)
    filters = itertools.cycle(list_filters(known))
    return list(_mixed(caller, payments, filters, rounds=200))


def _mixed(
    caller: Caller, payments: Iterator[str], filters: Iterator[tuple[str, dict[str, str]]], *, rounds: int
) -> Iterator[Ask]:
    for _ in range(rounds):
        for _ in range(8):
            yield caller.ask("/transactions", next(filters)[1])
        for _ in range(8):
            yield caller.ask(f"/transactions/{next(payments)}", name="/transactions/{payment_id}")
        yield caller.ask("/dashboard", {"window": "1h"})
        yield caller.ask("/alerts", {"status": "open"})
        yield caller.ask("/audit")
        yield caller.ask(f"/audit/transactions/{next(payments)}", name="/audit/transactions/{payment_id}")
