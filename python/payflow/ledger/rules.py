"""Rules as rows: one for each version, at most one version of a name enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.ledger.faults import as_store_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.ledger.pool import Connection, Pool

_ENABLED = "SELECT rule_id, name, version, severity, condition FROM rules WHERE enabled ORDER BY rule_id"

_SEED = """
INSERT INTO rules (name, version, condition, severity, description, created_by)
SELECT s.name, 1, s.condition, s.severity, s.description, 'payflow'
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS s (name, condition, severity, description)
WHERE NOT EXISTS (SELECT FROM rules r WHERE r.name = s.name)
ON CONFLICT DO NOTHING
RETURNING rule_id
"""


async def enabled_rules(pool: Pool) -> list[tuple[int, str, int, str, str]]:
    """List the rules in force as (rule id, name, version, severity, condition)."""
    with as_store_errors():
        async with pool.acquire() as connection:
            return await enabled_rules_on(connection)


async def enabled_rules_on(connection: Connection) -> list[tuple[int, str, int, str, str]]:
    """List the rules in force, as `enabled_rules` does, in the caller's transaction."""
    return [tuple(row) for row in await connection.fetch(_ENABLED)]


async def seed_rules(pool: Pool, rules: Sequence[tuple[str, str, str, str]]) -> int:
    """Write (name, condition, severity, description) of names never there; return how many were new."""
    if not rules:
        return 0
    with as_store_errors():
        async with pool.acquire() as connection:
            return len(await connection.fetch(_SEED, *map(list, zip(*rules, strict=True))))
