"""Verify proves clean books clean, and names exactly what was tampered with."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from payflow.cli import run
from payflow.errors import StoreError
from payflow.ledger import LedgerOptions
from payflow.ledger.reading import open_snapshot
from payflow.workload import Mix

if TYPE_CHECKING:
    from collections.abc import Callable

Verify: TypeAlias = "Callable[..., tuple[int, dict[str, Any]]]"
Tamper: TypeAlias = "Callable[..., Any]"


@pytest.fixture
def verify(books_dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run `payflow verify --json` on the books; gives its exit code and what it printed."""
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", books_dsn)

    def call(*options: str) -> tuple[int, dict[str, Any]]:
        code = run(["verify", "--json", *options])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def captured(tamper: Tamper) -> str:
    """The id of a payment of two deliveries: authorized, then captured."""
    row = tamper(
        """
        SELECT payment_id
        FROM payment_transactions JOIN audit_logs USING (payment_id)
        WHERE payment_transactions.status = 'captured' AND dispute_status = 'none'
        GROUP BY 1
        HAVING array_agg(action ORDER BY audit_id) = ARRAY['authorization.succeeded', 'capture.succeeded']
            AND bool_and(verdict = 'apply')
        ORDER BY 1 LIMIT 1
        """
    )
    return str(row["payment_id"])


def told(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(found["check"], found["payment_id"], found["subject"]) for found in report["differences"]]


def test_books_that_a_workload_filled_are_clean(verify: Verify, tamper: Tamper) -> None:
    code, report = verify()
    assert report["differences"] == []
    assert code == 0
    assert report["payments"] == tamper("SELECT count(*) FROM payment_transactions")[0]
    assert report["audit_rows"] == tamper("SELECT count(*) FROM audit_logs")[0]
    assert report["dead_letters"] > 0


@pytest.mark.parametrize("batch_size", [1, 7, 400])
def test_books_are_clean_however_late_and_faulty_deliveries_are_cut_into_batches(
    batch_size: int,
    database_dsn: str,
    fill: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mix = Mix(duplicates=0.2, late=0.6, faulty=0.2)
    fill(database_dsn, events=600, batch_size=batch_size, mix=mix)
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", database_dsn)
    capsys.readouterr()  # what filling logged
    code = run(["verify", "--json"])
    assert json.loads(capsys.readouterr().out)["differences"] == []
    assert code == 0


def test_empty_books_are_clean(
    database_dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", database_dsn)
    assert run(["verify"]) == 0
    assert "The books follow from the trail; 0 payments" in capsys.readouterr().out


def test_a_changed_sum_is_named_with_what_it_must_be(verify: Verify, tamper: Tamper, captured: str) -> None:
    row = tamper(
        """
        UPDATE payment_transactions SET captured_minor = captured_minor - 1
        WHERE payment_id = $1 RETURNING payment_id, captured_minor
        """,
        captured,
    )
    code, report = verify()
    assert code == 1
    assert told(report) == [("payment_differs", row["payment_id"], "captured_minor")]
    difference = report["differences"][0]
    assert difference["expected"] == str(row["captured_minor"] + 1)
    assert difference["found"] == str(row["captured_minor"])
    assert "payment_transactions" in difference["next"]


def test_a_forged_status_is_named_even_if_the_machine_knows_no_such_status(
    verify: Verify, tamper: Tamper, captured: str
) -> None:
    row = tamper(
        """
        UPDATE payment_transactions SET status = 'paid_twice'
        WHERE payment_id = $1 RETURNING payment_id
        """,
        captured,
    )
    _, report = verify()
    assert told(report) == [("payment_differs", row["payment_id"], "status")]
    assert report["differences"][0]["expected"] == "captured"
    assert report["differences"][0]["found"] == "paid_twice"


def test_a_changed_amount_of_an_operation_is_named_and_so_is_what_it_breaks(
    verify: Verify, tamper: Tamper, captured: str
) -> None:
    row = tamper(
        """
        UPDATE payment_operations SET amount_minor = amount_minor - 1
        WHERE kind = 'capture' AND payment_id = $1
        RETURNING payment_id, source, operation_id, amount_minor
        """,
        captured,
    )
    _, report = verify()
    subject = f"operation {row['source']}/capture/{row['operation_id']} amount_minor"
    assert told(report) == [
        ("operation_differs", row["payment_id"], subject),
        ("sum_of_operations", row["payment_id"], "captured_minor"),
        ("sum_of_operations", row["payment_id"], "status"),
    ]


def test_a_deleted_operation_is_named(verify: Verify, tamper: Tamper, captured: str) -> None:
    row = tamper(
        """
        DELETE FROM payment_operations WHERE kind = 'capture' AND payment_id = $1
        RETURNING payment_id, source, operation_id
        """,
        captured,
    )
    _, report = verify()
    subject = f"operation {row['source']}/capture/{row['operation_id']}"
    assert told(report)[0] == ("operation_missing", row["payment_id"], subject)
    assert {check for check, _, _ in told(report)[1:]} == {"sum_of_operations"}


def test_an_operation_that_no_delivery_brought_is_named(
    verify: Verify, tamper: Tamper, captured: str
) -> None:
    row = tamper(
        """
        INSERT INTO payment_operations
        SELECT payment_id, source, 'refund', 'forged', NULL, 5, 'failed', 1, NULL, occurred_at, recorded_at
        FROM payment_operations WHERE kind = 'capture' AND payment_id = $1
        RETURNING payment_id, source
        """,
        captured,
    )
    _, report = verify()
    assert told(report) == [
        ("operation_unexplained", row["payment_id"], f"operation {row['source']}/refund/forged")
    ]


def test_a_second_row_that_applies_an_event_is_named(verify: Verify, tamper: Tamper, captured: str) -> None:
    row = tamper(
        """
        INSERT INTO audit_logs (payment_id, source, event_id, occurrence, action, verdict, reason,
            from_status, to_status, version, fingerprint, actor, correlation_id, occurred_at, recorded_at)
        SELECT payment_id, source, event_id, 9223372036854775807, action, verdict, reason,
            from_status, to_status, version, fingerprint, actor, correlation_id, occurred_at, recorded_at
        FROM audit_logs
        WHERE verdict = 'apply' AND payment_id = $1 ORDER BY audit_id LIMIT 1
        RETURNING payment_id, source, event_id, audit_id
        """,
        captured,
    )
    _, report = verify()
    subject = f"event {row['source']}/{row['event_id']}"
    assert told(report) == [("applied_twice", row["payment_id"], subject)]
    assert report["differences"][0]["audit_id"] == row["audit_id"]


def test_a_changed_payload_is_named(verify: Verify, tamper: Tamper, captured: str) -> None:
    row = tamper(
        """
        UPDATE audit_logs
        SET payload = regexp_replace(payload, '"value": *[0-9]+', '"value":1')
        WHERE audit_id = (
            SELECT audit_id FROM audit_logs
            WHERE action = 'capture.succeeded' AND occurrence = 0 AND payment_id = $1)
        RETURNING payment_id, source, event_id, audit_id
        """,
        captured,
    )
    _, report = verify()
    subject = f"event {row['source']}/{row['event_id']} fingerprint"
    assert told(report) == [("payload_altered", row["payment_id"], subject)]


def test_a_payload_that_is_no_event_any_more_is_named(verify: Verify, tamper: Tamper, captured: str) -> None:
    row = tamper(
        """
        UPDATE audit_logs SET payload = '{'
        WHERE audit_id = (SELECT min(audit_id) FROM audit_logs WHERE payment_id = $1)
        RETURNING payment_id, source, event_id
        """,
        captured,
    )
    _, report = verify()
    subject = f"event {row['source']}/{row['event_id']}"
    assert told(report) == [("payload_unreadable", row["payment_id"], subject)]
    assert report["differences"][0]["found"] == "not_json at $"


def test_a_deleted_first_sight_is_named(verify: Verify, tamper: Tamper) -> None:
    row = tamper(
        """
        DELETE FROM audit_logs WHERE audit_id = (
            SELECT f.audit_id FROM audit_logs f JOIN audit_logs d USING (payment_id, source, event_id)
            WHERE f.occurrence = 0 AND f.verdict = 'apply' AND d.verdict = 'duplicate' ORDER BY 1 LIMIT 1)
        RETURNING payment_id, source, event_id
        """
    )
    _, report = verify()
    subject = f"event {row['source']}/{row['event_id']}"
    assert told(report) == [("first_sight_missing", row["payment_id"], subject)]


def test_a_changed_verdict_is_named_with_both_outcomes(verify: Verify, tamper: Tamper, captured: str) -> None:
    row = tamper(
        """
        UPDATE audit_logs SET verdict = 'stale', reason = 'rank_not_higher'
        WHERE audit_id = (
            SELECT max(audit_id) FROM audit_logs
            WHERE action = 'capture.succeeded' AND verdict = 'apply' AND payment_id = $1)
        RETURNING payment_id, source, event_id, audit_id
        """,
        captured,
    )
    _, report = verify()
    subject = f"event {row['source']}/{row['event_id']}"
    assert told(report) == [("verdict_differs", row["payment_id"], subject)]
    assert report["differences"][0]["expected"].startswith("apply (applied), ")
    assert report["differences"][0]["found"].startswith("stale (rank_not_higher), ")


def test_a_deleted_row_of_a_fact_that_was_judged_again_is_named(verify: Verify, tamper: Tamper) -> None:
    row = tamper(
        """
        DELETE FROM audit_logs WHERE audit_id = (
            SELECT max(audit_id) FROM audit_logs WHERE occurrence > 0 AND verdict = 'apply')
        RETURNING payment_id, source, event_id
        """
    )
    _, report = verify()
    subject = f"event {row['source']}/{row['event_id']}"
    assert told(report) == [("verdict_differs", row["payment_id"], subject)]
    assert report["differences"][0]["expected"].startswith("a row behind it: apply (applied)")
    assert report["differences"][0]["found"] == "none"


def test_a_forged_duplicate_with_another_fingerprint_is_named(verify: Verify, tamper: Tamper) -> None:
    row = tamper(
        """
        UPDATE audit_logs SET fingerprint = gen_random_uuid()
        WHERE audit_id = (SELECT max(audit_id) FROM audit_logs WHERE verdict = 'duplicate')
        RETURNING payment_id, source, event_id
        """
    )
    _, report = verify()
    subject = f"event {row['source']}/{row['event_id']}"
    assert told(report) == [("verdict_differs", row["payment_id"], subject)]


def test_a_removed_parked_fact_is_named(verify: Verify, tamper: Tamper) -> None:
    row = tamper(
        """
        DELETE FROM parked_events
        WHERE (payment_id, event_id) = (SELECT payment_id, event_id FROM parked_events ORDER BY 1, 2 LIMIT 1)
        RETURNING payment_id, source, event_id
        """
    )
    _, report = verify()
    assert told(report) == [
        ("parked_missing", row["payment_id"], f"parked {row['source']}/{row['event_id']}")
    ]


def test_a_payment_that_no_delivery_brought_is_named(verify: Verify, tamper: Tamper) -> None:
    tamper(
        """
        INSERT INTO payment_transactions (payment_id, created_at, updated_at)
        VALUES ('zz-forged', now(), now()) RETURNING payment_id
        """
    )
    _, report = verify()
    assert told(report) == [("payment_unexplained", "zz-forged", "payment")]


def test_a_deleted_payment_is_named(verify: Verify, tamper: Tamper, captured: str) -> None:
    row = tamper("DELETE FROM payment_transactions WHERE payment_id = $1 RETURNING payment_id", captured)
    _, report = verify()
    assert told(report) == [("payment_missing", row["payment_id"], "payment")]


def test_a_dead_letter_without_its_alert_is_named(verify: Verify, tamper: Tamper) -> None:
    row = tamper(
        """
        DELETE FROM alerts
        WHERE alert_id = (SELECT min(alert_id) FROM alerts WHERE verdict = 'conflict')
        RETURNING payment_id, event_id
        """
    )
    _, report = verify()
    [(check, payment_id, subject)] = told(report)
    assert (check, payment_id) == ("dead_letter_without_alert", row["payment_id"])
    assert row["event_id"] in subject


def test_a_dead_letter_that_no_row_of_the_trail_explains_is_named(verify: Verify, tamper: Tamper) -> None:
    row = tamper(
        """
        UPDATE dead_letters SET reason = 'merchant_differs'
        WHERE dead_letter_id = (SELECT min(dead_letter_id) FROM dead_letters WHERE class = 'impossible'
            AND reason <> 'merchant_differs')
        RETURNING payment_id
        """
    )
    _, report = verify()
    assert [found[:2] for found in told(report)] == [("dead_letter_unexplained", row["payment_id"])]


def test_one_payment_is_proved_alone(verify: Verify, tamper: Tamper, captured: str) -> None:
    tampered = tamper(
        """
        UPDATE payment_transactions SET status = 'failed'
        WHERE payment_id = $1 RETURNING payment_id
        """,
        captured,
    )["payment_id"]
    other = tamper("SELECT payment_id FROM payment_transactions WHERE payment_id <> $1", tampered)[0]
    assert verify("--payment", tampered)[0] == 1
    code, report = verify("--payment", other)
    assert code == 0
    assert report["payments"] == 1


def test_an_unknown_payment_is_an_error_that_says_so(
    books_dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", books_dsn)
    assert run(["verify", "--payment", "nobody"]) == 1
    assert "payment nobody is not in the books" in capsys.readouterr().err


def test_all_differences_are_counted_and_the_first_are_listed(verify: Verify, tamper: Tamper) -> None:
    tamper("UPDATE payment_transactions SET version = version + 1")
    _, report = verify("--differences-max", "3")
    assert len(report["differences"]) == 3
    assert report["differences_total"] == report["payments"]


def test_stretches_of_any_length_prove_the_same(
    books_dsn: str, monkeypatch: pytest.MonkeyPatch, verify: Verify
) -> None:
    monkeypatch.setattr("payflow.ledger.reading.verification.STRETCH_ROWS", 37)
    monkeypatch.setattr("payflow.ledger.reading.verification.DEAD_LETTERS_A_TIME", 2)
    code, report = verify()
    assert code == 0
    assert report["audit_rows"] > 1_000


def test_verify_changes_nothing_and_can_not(books_dsn: str) -> None:
    async def write() -> None:
        async with open_snapshot(LedgerOptions(dsn=books_dsn, pool_size=1)) as connection:
            await connection.execute("DELETE FROM alerts")

    with pytest.raises(StoreError):
        asyncio.run(write())
