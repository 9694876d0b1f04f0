"""Changes of rules: each a version or a switch, compiled with all that is in force before it is written.

Workers read what is enabled every few seconds. A set that does not compile as a whole never gets there: that
is why changes wait for each other, and why a switch is compiled like a new text.
"""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from payflow.api.routing.problems import CONFLICT, RULE_INVALID, Fault, ProblemError
from payflow.api.rules.reading import etag_of, no_rule, read_rule
from payflow.ledger.trail import record_action
from payflow.rules import Rule as RuleText
from payflow.rules import RulesRefused, Severity, compile_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from asyncpg import Record

    from payflow.api.routing import Call
    from payflow.api.rules.shapes import ChangeRule, CreateRule, Rule
    from payflow.ledger.pool import Connection
    from payflow.rules import RuleError

__all__ = ["change", "create", "refusal", "retire", "switch"]

_SQL = files("payflow.api.rules") / "sql"
_LOCK = (_SQL / "lock.sql").read_text()
_NEWEST = (_SQL / "newest.sql").read_text()
_ENABLED = (_SQL / "enabled.sql").read_text()
_INSERT = (_SQL / "insert.sql").read_text()
_DISABLE = (_SQL / "disable.sql").read_text()
_ENABLE = (_SQL / "enable.sql").read_text()
_RETIRE = (_SQL / "retire.sql").read_text()


async def create(call: Call) -> Rule:
    """Write the first version of a rule.

    Raises:
        ProblemError: rule_invalid, or conflict when the name was used before.

    """
    body: CreateRule = call.body
    async with call.transaction() as connection:
        await connection.execute(_LOCK)
        before = await connection.fetchrow(_NEWEST, body.name)
        if before is not None:
            what = "was retired with a rule of before" if before["retired_at"] else "is taken"
            raise ProblemError(CONFLICT, detail=f"the name {body.name} {what}; choose another one")
        return await _write(call, connection, body.name, 1, "created", {})


async def change(call: Call) -> Rule:
    """Write the next version of a rule.

    Raises:
        ProblemError: not_found, precondition_failed or rule_invalid.

    """
    name = call.path["name"]
    async with call.transaction() as connection:
        before = await _locked(call, connection, name)
        return await _write(call, connection, name, before["version"] + 1, "updated", before)


async def switch(call: Call, *, enabled: bool) -> Rule:
    """Put the newest version of a rule in force, or out of it.

    Raises:
        ProblemError: not_found, precondition_failed or rule_invalid.

    """
    name, now = call.path["name"], call.services.clock()
    async with call.transaction() as connection:
        before = await _locked(call, connection, name)
        if before["enabled"] != enabled:
            if enabled:
                await _compile(connection, name, dict(before) | {"enabled": True})
            await connection.execute(*((_ENABLE, before["rule_id"]) if enabled else (_DISABLE, name)))
            what = "enabled" if enabled else "disabled"
            await _record(call, connection, name, what, {"version": before["version"]}, now)
        return await read_rule(connection, name, now)


async def retire(call: Call) -> None:
    """Take a rule out of force for good; its versions stay, since alerts name them.

    Raises:
        ProblemError: not_found or precondition_failed.

    """
    name, now = call.path["name"], call.services.clock()
    async with call.transaction() as connection:
        before = await _locked(call, connection, name)
        await connection.execute(_RETIRE, name, now)
        await _record(call, connection, name, "deleted", {"version": before["version"]}, now)


def refusal(errors: Sequence[RuleError]) -> ProblemError:
    """Say what the compiler says, each error with its place."""
    places = [{"line": error.line, "column": error.column, "message": error.message} for error in errors]
    faults = [
        Fault(
            "/condition",
            f"line {error.line}, column {error.column}: {error.message}" if error.line else error.message,
        )
        for error in errors
    ]
    return ProblemError(RULE_INVALID, detail=faults[0].detail, errors=faults, condition_errors=places)


async def _locked(call: Call, connection: Connection, name: str) -> Record:
    await connection.execute(_LOCK)
    before = await connection.fetchrow(_NEWEST, name)
    if before is None or before["retired_at"] is not None:
        raise no_rule(name)
    call.require_version(etag_of(before["version"], enabled=before["enabled"]))
    return before


async def _write(
    call: Call, connection: Connection, name: str, version: int, what: str, before: Mapping[str, Any]
) -> Rule:
    body: CreateRule | ChangeRule = call.body
    now = call.services.clock()
    told = {field: getattr(body, field) for field in ("condition", "severity", "description", "enabled")}
    await _compile(connection, name, told)
    await connection.execute(_DISABLE, name)
    await connection.execute(_INSERT, name, version, *told.values(), call.principal.actor, now)
    changed = {
        field: {"from": before.get(field), "to": value}
        for field, value in told.items()
        if before.get(field) != value
    }
    await _record(call, connection, name, what, {"version": version} | changed, now)
    return await read_rule(connection, name, now)


async def _compile(connection: Connection, name: str, told: Mapping[str, Any]) -> None:
    """Compile a rule, with all others that are in force if it is to be in force itself.

    Raises:
        ProblemError: rule_invalid.

    """
    rule = RuleText(
        rule_id=0,
        name=name,
        version=1,
        severity=Severity(told["severity"]),
        condition=told["condition"],
    )
    others = await connection.fetch(_ENABLED, name) if told["enabled"] else []
    rules = [rule, *(RuleText(**(dict(row) | {"severity": Severity(row["severity"])})) for row in others)]
    try:
        await asyncio.to_thread(compile_rules, rules)
    except RulesRefused as refused:
        own = [error for error in refused.errors if error.rule in {name, ""}]
        if own:
            raise refusal(own) from refused


async def _record(
    call: Call, connection: Connection, name: str, what: str, details: Mapping[str, Any], now: datetime
) -> None:
    await record_action(
        connection,
        action=f"rule.{what}",
        actor=call.principal.actor,
        subject_kind="rule",
        subject_id=name,
        details=details,
        correlation_id=call.correlation_id,
        now=now,
    )
