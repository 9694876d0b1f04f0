"""Alembic's entry: runs the revisions on the connection that `upgrade` hands over."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import text

MIGRATION_LOCK = 5_021_947_001
"""Key of the advisory lock that lets one migration run at a time; any number that nobody else uses."""

connection = context.config.attributes["connection"]
applied = context.config.attributes["applied"]


def record(
    ctx: MigrationContext,  # noqa: ARG001 - alembic names its arguments
    step: MigrationInfo,
    heads: Collection[Any],  # noqa: ARG001
    run_args: Mapping[str, Any],  # noqa: ARG001
) -> None:
    """Note each revision as it is applied, for the caller's report."""
    applied.append(step.up_revision_id)


context.configure(connection=connection, on_version_apply=record, transaction_per_migration=False)
with context.begin_transaction():
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    context.run_migrations()
