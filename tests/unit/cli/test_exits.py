"""Exit codes mean something, and an error is a line and a next step, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from payflow.cli import DEMO_RATE_DEFAULT, app, run, with_demo_rate
from payflow.cli.exits import Exit, PartEnded, explain
from payflow.embedded import EmbeddedFailed
from payflow.errors import QueueMissing, SettingsInvalid, StoreUnavailable


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        pytest.param(SettingsInvalid(["A: wrong"]), Exit.USAGE, "A: wrong\nNext: ", id="one setting"),
        pytest.param(
            SettingsInvalid(["A", "B"]), Exit.USAGE, "2 settings are wrong:\n  A\n  B", id="settings"
        ),
        pytest.param(EmbeddedFailed("no", "do"), Exit.UNREACHABLE, "no\nNext: do", id="embedded"),
        pytest.param(StoreUnavailable("gone"), Exit.UNREACHABLE, "gone", id="store"),
        pytest.param(QueueMissing("gone"), Exit.UNREACHABLE, "gone", id="queue"),
        pytest.param(
            PartEnded("worker", "out of luck", Path("/l")),
            Exit.PART_ENDED,
            "worker ended by itself: out of luck",
            id="part",
        ),
        pytest.param(ImportError("payflow._native"), Exit.UNREACHABLE, "make build", id="extension"),
        pytest.param(KeyError("x"), Exit.FAULT, "PAYFLOW_DEBUG=1", id="fault of ours"),
    ],
)
def test_an_error_has_a_code_and_a_next_step(error: Exception, code: Exit, words: str) -> None:
    found, text = explain(error)
    assert found is code
    assert words in text


def test_a_wrong_setting_ends_with_the_usage_code_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYFLOW_QUEUE_LANES", "none")
    monkeypatch.delenv("PAYFLOW_DEBUG", raising=False)
    assert run(["settings"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert "PAYFLOW_QUEUE_LANES" in said
    assert "Traceback" not in said


def test_debugging_shows_the_error_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYFLOW_QUEUE_LANES", "none")
    monkeypatch.setenv("PAYFLOW_DEBUG", "1")
    with pytest.raises(SettingsInvalid):
        run(["settings"])


def test_an_unknown_option_ends_with_the_usage_code() -> None:
    assert run(["settings", "--colour"]) == Exit.USAGE


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (["up", "--demo"], ["up", "--demo", str(DEMO_RATE_DEFAULT)]),
        (["up", "--demo", "--duration", "5"], ["up", "--demo", str(DEMO_RATE_DEFAULT), "--duration", "5"]),
        (["up", "--demo", "50"], ["up", "--demo", "50"]),
        (["up"], ["up"]),
    ],
)
def test_demo_needs_no_number(given: list[str], understood: list[str]) -> None:
    assert understood == with_demo_rate(given)


def test_help_lists_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == Exit.OK
    shown = capsys.readouterr().out
    for command in ("up", "worker", "migrate", "settings", "send", "payment", "verify", "bench", "local-sqs"):
        assert f" {command} " in shown
    assert "Exit codes: 0 done" in shown
    assert app.name == ("payflow",)
