"""`payflow seed` leaves books that can be proved, and never mixes them with others unasked."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from payflow.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAYMENTS = 3_000


@pytest.fixture(autouse=True)
def books(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Settings that lead to an empty database."""
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", database_dsn)
    monkeypatch.setenv("PAYFLOW_DATA_DIR", str(tmp_path))
    return database_dsn


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], Any]:
    return lambda: json.loads(capsys.readouterr().out)


def row(dsn: str, statement: str) -> Any:
    async def fetch() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchrow(statement)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_seeded_books_follow_from_their_trail(books: str, said: Callable[[], Any]) -> None:
    assert run(["seed", "--payments", str(PAYMENTS), "--seed", "3", "--json"]) == 0
    sown = said()
    assert sown["payments"] >= PAYMENTS
    assert 4 * PAYMENTS < sown["audit_rows"] < 6 * PAYMENTS

    assert run(["verify", "--json"]) == 0
    proof = said()
    assert (proof["payments"], proof["audit_rows"]) == (sown["payments"], sown["audit_rows"])
    assert proof["differences_total"] == 0


def test_a_past_has_everything_that_operators_look_at(books: str, said: Callable[[], Any]) -> None:
    run(["seed", "--payments", str(PAYMENTS), "--seed", "3", "--days", "30", "--json"])
    found = row(
        books,
        """
        SELECT
            (SELECT count(DISTINCT status) FROM payment_transactions) AS statuses,
            (SELECT count(*) FROM payment_transactions WHERE dispute_status <> 'none') AS disputed,
            (
                SELECT count(*) FROM payment_transactions WHERE amount_minor = 0 AND currency IS NOT NULL
            ) AS free,
            (SELECT count(*) FROM alerts) AS alerts,
            (SELECT count(*) FROM alerts WHERE status = 'open') AS alerts_open,
            (SELECT count(*) FROM dead_letters) AS dead_letters,
            (SELECT count(*) FROM audit_logs WHERE verdict = 'duplicate') AS duplicates,
            (SELECT count(*) FROM audit_logs WHERE verdict = 'premature') AS premature,
            (SELECT max(created_at) - min(created_at) FROM payment_transactions) AS span,
            (SELECT count(*) FROM payment_transactions WHERE updated_at < created_at) AS changed_before_made,
            (SELECT max(recorded_at) <= now() FROM audit_logs) AS past
        """,
    )
    assert found["statuses"] >= 10
    assert found["disputed"] > 0
    assert found["free"] == 0
    assert found["alerts_open"] < found["alerts"] / 10
    assert min(found["alerts"], found["dead_letters"], found["duplicates"], found["premature"]) > 0
    assert 29 <= found["span"].days <= 30
    assert found["changed_before_made"] == 0
    assert found["past"]


def test_books_that_are_not_empty_are_left_alone_unless_asked(
    books: str, said: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["seed", "--payments", "100", "--seed", "3", "--json"])
    said()
    assert run(["seed", "--payments", "100", "--seed", "4"]) == 3
    assert "--append" in capsys.readouterr().err
    assert row(books, "SELECT count(*) FROM payment_transactions")[0] >= 100

    assert run(["seed", "--payments", "100", "--seed", "4", "--append", "--json"]) == 0
    capsys.readouterr()
    assert run(["verify", "--json"]) == 0
    assert said()["payments"] >= 200


def test_new_rows_of_the_trail_are_numbered_behind_those_that_were_seeded(books: str) -> None:
    run(["seed", "--payments", "100", "--seed", "3", "--json"])
    found = row(
        books,
        "SELECT nextval('audit_logs_audit_id_seq') > max(audit_id), min(audit_id) > 0 FROM audit_logs",
    )
    assert tuple(found) == (True, True)
