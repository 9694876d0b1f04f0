"""Dead letters with a fate, and a record of what operators did to them and to parked facts."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file, as written: the driver's simple protocol takes all statements at once."""
    script = (Path(__file__).parents[1] / "sql" / "0002_quarantine.sql").read_text()
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(script))  # type: ignore[union-attr]
