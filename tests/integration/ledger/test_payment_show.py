"""`payflow payment show` tells everything that the books have of one payment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from payflow.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable

Show: TypeAlias = "Callable[..., dict[str, Any]]"
Tamper: TypeAlias = "Callable[..., Any]"


@pytest.fixture
def show(books_dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    """Run `payflow payment show --json` on the books; gives what it printed."""
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", books_dsn)

    def call(payment_id: str, *options: str) -> dict[str, Any]:
        assert run(["payment", "show", payment_id, "--json", *options]) == 0
        printed: dict[str, Any] = json.loads(capsys.readouterr().out)
        return printed

    return call


def test_a_fact_that_was_parked_is_linked_to_its_first_sight(show: Show, tamper: Tamper) -> None:
    row = tamper(
        """
        SELECT f.payment_id, f.event_id, f.audit_id AS first, a.audit_id AS again
        FROM audit_logs f JOIN audit_logs a USING (payment_id, source, event_id)
        WHERE f.verdict = 'premature' AND f.occurrence = 0 AND a.verdict = 'apply' LIMIT 1
        """
    )
    timeline = {entry["audit_id"]: entry for entry in show(row["payment_id"])["timeline"]}
    assert timeline[row["first"]]["verdict"] == "premature"
    assert timeline[row["first"]]["first_audit_id"] is None
    assert timeline[row["again"]]["verdict"] == "apply"
    assert timeline[row["again"]]["first_audit_id"] == row["first"]
    assert timeline[row["again"]]["rejudged"] is True


def test_a_duplicate_is_linked_to_its_first_sight_and_is_no_rejudgement(show: Show, tamper: Tamper) -> None:
    row = tamper("SELECT payment_id, audit_id FROM audit_logs WHERE verdict = 'duplicate' LIMIT 1")
    [entry] = [entry for entry in show(row["payment_id"])["timeline"] if entry["audit_id"] == row["audit_id"]]
    assert entry["first_audit_id"] < row["audit_id"]
    assert entry["rejudged"] is False


def test_the_timeline_is_in_the_order_of_the_trail(show: Show, tamper: Tamper) -> None:
    payment_id = tamper("SELECT payment_id FROM audit_logs GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0]
    page = show(payment_id)
    rows = [entry["audit_id"] for entry in page["timeline"]]
    assert rows == sorted(rows)
    assert page["timeline_total"] == len(rows) > 3


def test_long_lists_show_the_newest_entries_and_say_how_many_there_are(show: Show, tamper: Tamper) -> None:
    payment_id = tamper("SELECT payment_id FROM audit_logs GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0]
    whole = show(payment_id)
    cut = show(payment_id, "--entries-max", "2")
    assert cut["timeline"] == whole["timeline"][-2:]
    assert cut["timeline_total"] == whole["timeline_total"]


def test_sums_come_with_what_may_still_be_captured_and_refunded(show: Show, tamper: Tamper) -> None:
    row = tamper(
        """
        SELECT * FROM payment_transactions
        WHERE refunded_minor > 0 AND refunded_minor < captured_minor ORDER BY payment_id LIMIT 1
        """
    )
    sums = show(row["payment_id"])["sums"]
    assert sums["captured_minor"] == row["captured_minor"]
    assert sums["refundable_minor"] == (
        row["captured_minor"]
        - row["refunded_minor"]
        - row["refund_pending_minor"]
        - max(row["disputed_minor"], 0)
    )
    assert sums["over_returned_minor"] == max(
        0, row["refunded_minor"] + row["disputed_minor"] - row["captured_minor"]
    )


def test_a_parked_fact_says_what_it_waits_for_and_until_when(show: Show, tamper: Tamper) -> None:
    row = tamper("SELECT payment_id, event_id, waits_for FROM parked_events ORDER BY 1, 2 LIMIT 1")
    [fact] = [fact for fact in show(row["payment_id"])["parked"] if fact["event_id"] == row["event_id"]]
    assert fact["waits_for"] == row["waits_for"]
    assert fact["deadline_at"] > fact["parked_at"]


def test_a_conflict_shows_its_alert_and_its_dead_letter(show: Show, tamper: Tamper) -> None:
    row = tamper("SELECT payment_id, event_id FROM dead_letters WHERE class = 'conflict' ORDER BY 1 LIMIT 1")
    page = show(row["payment_id"])
    assert ("conflict", row["event_id"]) in [
        (letter["class"], letter["event_id"]) for letter in page["dead_letters"]
    ]
    assert ("conflict", row["event_id"]) in [(alert["rule"], alert["event_id"]) for alert in page["alerts"]]


def test_piped_output_is_plain_text_with_amounts_in_the_currencys_decimals(
    books_dsn: str, tamper: Tamper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = tamper(
        """
        UPDATE payment_transactions SET authorized_minor = 9007199254740991, currency = 'BHD', exponent = 3
        WHERE payment_id = (SELECT min(payment_id) FROM payment_transactions WHERE status = 'captured')
        RETURNING payment_id
        """
    )
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", books_dsn)
    assert run(["payment", "show", row["payment_id"]]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "Sums in BHD" in printed
    assert "9007199254740.991" in printed


def test_an_unknown_payment_is_an_error_that_says_so(
    books_dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", books_dsn)
    assert run(["payment", "show", "nobody"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("payment nobody is not in the books\nNext: ")
