"""`payflow settings` documents every variable and hides every password."""

from __future__ import annotations

import json

import pytest
from payflow.cli import run
from payflow.cli.exits import Exit
from payflow.settings import specs


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYFLOW_DATA_DIR", "/nonexistent/payflow")


def test_json_documents_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "--json"]) == Exit.OK
    rows = json.loads(capsys.readouterr().out)
    assert [spec.variable for spec in specs()] == [row["variable"] for row in rows]
    assert all(row["purpose"] and row["allowed"] for row in rows)


def test_the_list_shows_value_and_origin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYFLOW_QUEUE_LANES", "7")
    assert run(["settings"]) == Exit.OK
    assert "PAYFLOW_QUEUE_LANES = 7  from environment; default 2" in capsys.readouterr().out


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_passwords_are_masked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", "postgresql://me:hush@db/payflow")
    monkeypatch.setenv("PAYFLOW_REDIS_URL", "redis://:hush@cache:6379/0")
    assert run(["settings", *form]) == Exit.OK
    shown = capsys.readouterr().out
    assert "hush" not in shown
    assert "postgresql://me:***@db/payflow" in shown
