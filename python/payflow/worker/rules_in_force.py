"""The rules in force: read from the database, compiled, and read again every few seconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from payflow.errors import StoreError, StoreUnavailable
from payflow.ledger.rules import enabled_rules, seed_rules
from payflow.rules import Rule, RulesRefused, Severity, compile_rules, seeds

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow import _native
    from payflow.ledger.pool import Pool

log = structlog.get_logger(__name__)


class RulesInForce:
    """Holds the compiled rules; a change in the database is in force after one interval.

    Rules that don't compile never replace ones that do: the last good set stays, and the log says why.
    """

    def __init__(self, pool: Pool, refresh_interval_s: float) -> None:
        self._pool = pool
        self._refresh_interval_s = refresh_interval_s
        self._rows: list[Rule] | None = None
        self._compiled: _native.RuleSet = compile_rules([])

    def current(self) -> _native.RuleSet:
        """Return the rules in force."""
        return self._compiled

    def versions(self) -> list[str]:
        """Give the rules that were read last, as `name@version`."""
        return [f"{rule.name}@{rule.version}" for rule in self._rows or ()]

    async def refresh(self) -> None:
        """Read the rules, and compile them if they changed."""
        rows = [
            Rule(
                rule_id=rule_id, name=name, version=version, severity=Severity(severity), condition=condition
            )
            for rule_id, name, version, severity, condition in await enabled_rules(self._pool)
        ]
        if rows == self._rows:
            return
        self._rows = rows
        try:
            self._compiled = compile_rules(rows)
        except RulesRefused as error:
            faults = [str(fault) for fault in error.errors]
            log.error("rules_refused", stage="rules", errors=faults)  # noqa: TRY400 - a trace adds nothing
        else:
            log.info("rules_in_force", stage="rules", rules=self.versions())

    async def keep_fresh(self, unavailable: Callable[[str], None] = lambda _reason: None) -> None:
        """Refresh for ever; a database that is away only delays it, and `unavailable` is told why."""
        while True:
            await asyncio.sleep(self._refresh_interval_s)
            try:
                await self.refresh()
            except StoreError as error:
                if isinstance(error, StoreUnavailable):
                    unavailable(str(error))
                log.warning("rules_not_refreshed", stage="rules", error=str(error))


async def plant_seed_rules(pool: Pool) -> int:
    """Write the seeded rules that the database has never had; return how many were new."""
    return await seed_rules(
        pool, [(seed.name, seed.condition, seed.severity, seed.description) for seed in seeds()]
    )
