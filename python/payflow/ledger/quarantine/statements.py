"""The statements of this package, read once."""

from __future__ import annotations

from importlib.resources import files

_SQL = files("payflow.ledger.quarantine") / "sql"


def statement(name: str) -> str:
    """Read a statement; `{selected}` in it stands for the filter on dead letters, parameters $1 to $9."""
    return (_SQL / f"{name}.sql").read_text().replace("{selected}", _SELECTED)


_SELECTED = (_SQL / "selected.sql").read_text().rstrip()
