"""A backend that a setting names is used; for the others a server is started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from payflow.embedded import DataDirectory
from payflow.embedded.machine import Machine
from payflow.settings import Postgres, Queue, Redis, Settings

ALL = {"PostgreSQL", "Valkey", "local SQS"}


@pytest.mark.parametrize(
    ("settings", "started"),
    [
        pytest.param(Settings(), ALL, id="nothing named"),
        pytest.param(
            Settings(postgres=Postgres(dsn="postgresql://db/x")), ALL - {"PostgreSQL"}, id="database"
        ),
        pytest.param(Settings(redis=Redis(url="redis://cache")), ALL - {"Valkey"}, id="cache"),
        pytest.param(Settings(queue=Queue(endpoint_url="http://q")), ALL - {"local SQS"}, id="endpoint"),
        pytest.param(Settings(queue=Queue(url="https://sqs/1/q")), ALL - {"local SQS"}, id="queue"),
    ],
)
def test_only_backends_that_nobody_named_are_started(settings: Settings, started: set[str]) -> None:
    machine = Machine(settings, DataDirectory(Path("/nonexistent")))
    assert {server.name for server in machine.servers} == started


def test_what_was_named_stays_in_force() -> None:
    named = Settings(
        postgres=Postgres(dsn="postgresql://me:hush@db/x"),
        redis=Redis(url="redis://cache"),
        queue=Queue(endpoint_url="http://q"),
    )
    machine = Machine(named, DataDirectory(Path("/nonexistent")))
    assert machine.settings() == named
    assert machine.variables() == {}
    assert machine.places()["PostgreSQL"] == "postgresql://me:***@db/x"


def test_a_worker_may_take_its_own_time_to_stop() -> None:
    settings = Settings()
    patient = replace(settings, worker=replace(settings.worker, shutdown_timeout_s=90.0))
    worker = Machine(patient, DataDirectory(Path("/nonexistent"))).worker()
    assert worker.limits.stop_timeout_s > 90.0
