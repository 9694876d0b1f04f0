"""The payment machine of one API process, with the rules in force: what a worker has, for single payments."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from payflow.decoding import Decoder
from payflow.ledger.commands import Machinery
from payflow.ledger.rules import enabled_rules_on
from payflow.lifecycle import policies_of
from payflow.rules import Rule, RulesRefused, Severity, compile_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow import _native
    from payflow.events import Sources
    from payflow.ledger.pool import Connection

__all__ = ["Books"]

log = structlog.get_logger(__name__)


class Books:
    """Judges as a worker does: the same machine, policies, decoder and rules."""

    def __init__(self, sources: Sources, clock: Callable[[], datetime]) -> None:
        self.sources = sources
        self.decoder = Decoder(sources, clock)
        self.machinery = Machinery(policies=policies_of(sources), decode=self.decoder.decode, clock=clock)
        self.command_taken = asyncio.Event()
        """Set when a command of this process was committed: its dispatcher needn't wait for its next look."""
        self._rows: list[Rule] | None = None
        self._compiled: _native.RuleSet = compile_rules([])

    async def wake_dispatcher(self) -> None:
        """Have the outbox looked at now."""
        self.command_taken.set()

    def rules(self) -> _native.RuleSet:
        """Give the rules that were in force when they were last read."""
        return self._compiled

    async def rules_in_force(self, connection: Connection) -> _native.RuleSet:
        """Read the rules in the caller's transaction, and compile them if they changed.

        Rules that don't compile never replace ones that do, as in a worker.
        """
        rows = [
            Rule(
                rule_id=rule_id, name=name, version=version, severity=Severity(severity), condition=condition
            )
            for rule_id, name, version, severity, condition in await enabled_rules_on(connection)
        ]
        if rows != self._rows:
            self._rows = rows
            try:
                self._compiled = compile_rules(rows)
            except RulesRefused as error:
                faults = [str(fault) for fault in error.errors]
                log.error("rules_refused", stage="rules", errors=faults)  # noqa: TRY400 - a trace adds nothing
        return self._compiled
