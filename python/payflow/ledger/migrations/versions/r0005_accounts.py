"""Accounts, sessions and one-time links."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file, as written: the driver's simple protocol takes all statements at once."""
    script = (Path(__file__).parents[1] / "sql" / "0005_accounts.sql").read_text()
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(script))  # type: ignore[union-attr]
