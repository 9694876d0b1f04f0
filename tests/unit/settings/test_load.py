"""Settings are read once, from three places, and all that is wrong is said at once."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import pytest
from payflow.errors import SettingsInvalid
from payflow.settings import Settings, load, load_with_origins, specs
from payflow.settings.running import read_running, remove_running, write_running

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = {"PAYFLOW_DATA_DIR": "/nonexistent/payflow"}


def problems_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        load(environ)
    return caught.value.problems


def test_nothing_set_gives_the_defaults() -> None:
    assert load({}, running=False) == Settings()


def test_every_problem_is_listed_at_once() -> None:
    found = problems_of(
        {
            "PAYFLOW_QUEUE_WAIT_TIME_S": "21",
            "PAYFLOW_QUEUE_LANES": "many",
            "PAYFLOW_QUEUE_TRANSPORT": "pigeon",
            "PAYFLOW_REDIS_DEADLIN_MS": "5",
            "PAYFLOW_CONFIG": "/nonexistent.toml",
        }
    )
    named = sorted(problem.split(":")[0] for problem in found)
    expected = [
        "PAYFLOW_CONFIG",
        "PAYFLOW_QUEUE_LANES",
        "PAYFLOW_QUEUE_TRANSPORT",
        "PAYFLOW_QUEUE_WAIT_TIME_S",
        "PAYFLOW_REDIS_DEADLIN_MS",
    ]
    assert expected == named


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        pytest.param("PAYFLOW_QUEUE_WAIT_TIME_S", "21", "at most 20; give 0 to 20", id="above the maximum"),
        pytest.param("PAYFLOW_QUEUE_WAIT_TIME_S", "-1", "at least 0", id="below the minimum"),
        pytest.param("PAYFLOW_QUEUE_LANES", "4.5", "a whole number", id="fraction"),
        pytest.param("PAYFLOW_QUEUE_LANES", "", "a whole number", id="empty"),
        pytest.param("PAYFLOW_WORKER_SHUTDOWN_TIMEOUT_S", "nan", "at least", id="not a number"),
        pytest.param("PAYFLOW_LOGGING_LEVEL", "loud", "one of debug, info", id="no choice of ours"),
        pytest.param("PAYFLOW_QUEU_LANES", "4", "did you mean PAYFLOW_QUEUE_LANES", id="mistyped"),
    ],
)
def test_a_problem_names_the_variable_the_rule_and_the_fix(variable: str, value: str, words: str) -> None:
    (problem,) = problems_of({variable: value})
    assert problem.startswith(variable)
    assert words in problem


def test_values_that_contradict_each_other_are_refused() -> None:
    found = problems_of(
        {"PAYFLOW_QUEUE_IN_FLIGHT_MAX": "100", "PAYFLOW_QUEUE_DEAD_LETTER_NAME": "payflow-events"}
    )
    assert len(found) == 2


def test_a_password_stays_out_of_the_problem() -> None:
    spec = next(spec for spec in specs() if spec.variable == "PAYFLOW_POSTGRES_DSN")
    assert spec.shown("password=hush host=db") == "password=*** host=db"
    assert spec.shown("postgresql://me:hush@db/payflow") == "postgresql://me:***@db/payflow"
    assert (
        spec.shown("postgresql:///payflow?user=me&password=hush")
        == "postgresql:///payflow?user=me&password=***"
    )


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "payflow.toml"
    file.write_text("[queue]\nlanes = 2\nwait_time_s = 3\n", "utf-8")
    settings, origins = load_with_origins({"PAYFLOW_CONFIG": str(file), "PAYFLOW_QUEUE_LANES": "8"})
    assert (settings.queue.lanes, settings.queue.wait_time_s) == (8, 3)
    assert (origins["queue.lanes"], origins["queue.wait_time_s"]) == ("environment", "file")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[queue]\nlane = 2", "queue.lane in PAYFLOW_CONFIG: no such setting", id="unknown key"),
        pytest.param("lanes = 2", "must stand in a table", id="no table"),
        pytest.param("[queue", "is not TOML", id="not TOML"),
        pytest.param("[queue]\nlanes = true", "a whole number", id="wrong type"),
        pytest.param('[queue]\nname = ""', "must be text", id="empty text"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "payflow.toml"
    file.write_text(text, "utf-8")
    assert words in "\n".join(problems_of({"PAYFLOW_CONFIG": str(file)}))


def test_variables_that_kubernetes_injects_are_not_ours() -> None:
    injected = {
        "PAYFLOW_API_SERVICE_HOST": "10.0.0.1",
        "PAYFLOW_API_SERVICE_PORT_HTTP": "80",
        "PAYFLOW_WORKER_PORT": "tcp://10.0.0.1:80",
        "PAYFLOW_WORKER_PORT_9464_TCP_ADDR": "10.0.0.1",
    }
    assert load(PLAIN | injected) == load(PLAIN)


def test_endpoints_of_a_running_up_fill_what_nobody_set(tmp_path: Path) -> None:
    write_running(tmp_path, {"PAYFLOW_REDIS_URL": "unix:///a", "PAYFLOW_POSTGRES_DSN": "postgresql:///b"})
    environ = {"PAYFLOW_DATA_DIR": str(tmp_path), "PAYFLOW_REDIS_URL": "redis://mine"}
    settings, origins = load_with_origins(environ)
    assert (settings.redis.url, settings.postgres.dsn) == ("redis://mine", "postgresql:///b")
    assert origins["postgres.dsn"] == "running"
    remove_running(tmp_path)
    assert load(environ).postgres.dsn is None


def test_the_note_of_a_dead_up_is_ignored(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        write_running(tmp_path, {"PAYFLOW_REDIS_URL": "unix:///a"})
        os._exit(0)
    os.waitpid(child, 0)
    assert read_running(tmp_path) == {}


def test_a_required_backend_that_is_unset_is_named_with_an_example() -> None:
    with pytest.raises(SettingsInvalid, match="PAYFLOW_POSTGRES_DSN: must be set, for example"):
        _ = Settings().postgres.required_dsn
    with pytest.raises(SettingsInvalid, match="PAYFLOW_REDIS_URL: must be set, for example"):
        _ = Settings().redis.required_url


def test_settings_never_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().queue.lanes = 9  # type: ignore[misc]
