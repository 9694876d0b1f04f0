"""The statements of this package."""

from __future__ import annotations

from importlib.resources import files

_SQL = files("payflow.ledger.deferral") / "sql"


def statement(name: str) -> str:
    """Read a statement."""
    return (_SQL / f"{name}.sql").read_text()
