"""What `payflow verify` prints."""

from __future__ import annotations

from payflow.cli.verify import report, report_lines
from payflow.ledger.reading import NEXT_STEPS, Difference, Proof

DIFFERENCE = Difference("payment_differs", "pay_1", None, "captured_minor", "100", "99")


def proof(differences: int, differences_max: int = 100) -> Proof:
    found = Proof(differences_max, payments=2, audit_rows=10)
    for _ in range(differences):
        found.add(DIFFERENCE)
    return found


def test_clean_books_are_one_line() -> None:
    [line] = report_lines(proof(0), 2.0)
    assert line.startswith("The books follow from the trail; 2 payments, 10 audit rows and 0 quarantined")
    assert line.endswith("in 2.0 s (5 rows/s)")


def test_each_difference_names_payment_expected_found_and_what_to_look_at() -> None:
    assert report_lines(proof(1), 2.0)[:4] == [
        "pay_1  payment_differs: captured_minor",
        "    expected  100",
        "    found     99",
        f"    next      {NEXT_STEPS['payment_differs']}",
    ]


def test_differences_past_the_bound_are_counted() -> None:
    lines = report_lines(proof(5, differences_max=2), 2.0)
    assert lines[-2] == "... and 3 more; --differences-max lists more of them"
    assert lines[-1].startswith("Differences: 5; ")


def test_the_json_has_the_same() -> None:
    told = report(proof(5, differences_max=2), 2.0)
    assert told["clean"] is False
    assert told["differences_total"] == 5
    assert told["differences"][1] == {
        "check": "payment_differs",
        "payment_id": "pay_1",
        "audit_id": None,
        "subject": "captured_minor",
        "expected": "100",
        "found": "99",
        "next": NEXT_STEPS["payment_differs"],
    }
