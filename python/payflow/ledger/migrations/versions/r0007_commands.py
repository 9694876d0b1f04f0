"""Commands: what operators ask of payments, and how it gets to the provider."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file, as written: the driver's simple protocol takes all statements at once."""
    script = (Path(__file__).parents[1] / "sql" / "0007_commands.sql").read_text()
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(script))  # type: ignore[union-attr]
