"""Rules as they are listed: the newest version of each name, and one name with its versions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from payflow.api.routing.listing import Page, page, window
from payflow.api.routing.problems import NOT_FOUND, ProblemError
from payflow.api.rules.shapes import Rule, RuleDetail
from payflow.api.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payflow.api.routing import Call
    from payflow.ledger.pool import Connection

__all__ = ["etag_of", "list_rules", "no_rule", "read_rule", "read_rule_with_versions"]

VERSIONS_MAX = 100
_DAY = timedelta(hours=24)

_VERSIONS = Statement("payflow.api.rules", "versions")
_COUNT = Statement("payflow.api.rules", "count")


async def list_rules(call: Call) -> Page[Rule]:
    """Read one page, by name."""
    asked = window(call)
    order = {"by_name_backwards": True} if asked.backwards else {"by_name": True}
    place: dict[str, Any] = {}
    if asked.position is not None:
        place = {"ahead" if asked.backwards else "behind": asked.position[0]}
    text, parameters = _VERSIONS.fill(
        newest_only=True, since=call.services.clock() - _DAY, limit=asked.limit + 1, **order, **place
    )
    async with call.reading() as connection:
        rows = await connection.fetch(text, *parameters)
        counted = None
        if call.query.count:
            text, parameters = _COUNT.fill()
            counted = await connection.fetchval(text, *parameters)
    return page(call, asked, rows, key=lambda row: (row["name"],), shape=_rule, counted=counted)


async def read_rule(connection: Connection, name: str, now: datetime) -> Rule:
    """Read the newest version of a rule.

    Raises:
        ProblemError: not_found.

    """
    text, parameters = _VERSIONS.fill(newest_only=True, name=name, since=now - _DAY, by_name=True, limit=1)
    row = await connection.fetchrow(text, *parameters)
    if row is None:
        raise no_rule(name)
    return _rule(row)


async def read_rule_with_versions(connection: Connection, name: str, now: datetime) -> RuleDetail:
    """Read a rule with its versions.

    Raises:
        ProblemError: not_found.

    """
    rule = await read_rule(connection, name, now)
    text, parameters = _VERSIONS.fill(name=name, since=now - _DAY, by_version=True, limit=VERSIONS_MAX)
    versions = [_rule(row) for row in await connection.fetch(text, *parameters)]
    return RuleDetail(**msgspec.structs.asdict(rule), versions=versions)


def no_rule(name: str) -> ProblemError:
    """Say that there is no rule of that name."""
    return ProblemError(NOT_FOUND, detail=f"there is no rule {name}")


def etag_of(version: int, *, enabled: bool) -> str:
    """Name a state of a rule: switching one makes no version."""
    return f"{version}-{'on' if enabled else 'off'}"


def _rule(row: Mapping[str, Any]) -> Rule:
    fields = {name: row[name] for name in _PLAIN}
    return Rule(rule_id=str(row["rule_id"]), etag=etag_of(row["version"], enabled=row["enabled"]), **fields)


_PLAIN = tuple(name for name in Rule.__struct_fields__ if name not in {"rule_id", "etag"})
