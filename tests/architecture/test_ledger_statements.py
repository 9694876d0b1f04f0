"""The statements in SQL and the codec in Rust have to agree on every column."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from payflow.ledger.schema import REVISION

ROOT = Path(__file__).parents[2]
SQL = files("payflow.ledger") / "sql"


def parameters(statement: str) -> set[int]:
    return {int(number) for number in re.findall(r"\$(\d+)", re.sub(r"--.*", "", statement))}


def constant(name: str) -> int:
    text = (ROOT / "rust/ledger/src/write_set.rs").read_text("utf-8")
    found = re.search(rf"{name}: usize = (\d+);", text)
    assert found is not None
    return int(found[1])


def test_write_sql_takes_exactly_the_columns_that_the_codec_writes() -> None:
    before, after = constant("WRITE_COLUMNS_BEFORE_PAYLOAD"), constant("WRITE_COLUMNS_AFTER_PAYLOAD")
    scalars, payload = 2, 1
    expected = set(range(1, scalars + before + payload + after + 1))
    assert parameters((SQL / "write.sql").read_text()) == expected


def test_lock_and_read_sql_return_the_columns_that_the_codec_reads() -> None:
    locked = (ROOT / "rust/ledger/src/locked.rs").read_text("utf-8")
    for statement, name in (("lock.sql", "LOCK_COLUMNS"), ("read.sql", "READ_COLUMNS")):
        found = re.search(rf"{name}: \[&str; (\d+)\]", locked)
        assert found is not None
        assert (SQL / statement).read_text().count("array_send(") == int(found[1])


def test_the_release_works_on_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "python/payflow/ledger/migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION
