"""Everything on one machine: which servers to start, and what leads other processes to them."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

from payflow.embedded.postgres import EmbeddedPostgres, PostgresTuning
from payflow.embedded.process import Limits, ServerProcess
from payflow.embedded.sqs import EmbeddedSqs
from payflow.embedded.valkey import EmbeddedValkey
from payflow.settings.knob import masked

if TYPE_CHECKING:
    from payflow.embedded.data_directory import DataDirectory
    from payflow.embedded.server import EmbeddedServer
    from payflow.settings import Settings

COMMANDS_QUEUE_NAME = "payflow-commands"
"""Where commands go when no setting says so, on the embedded server."""

# What a process may need past its own deadline, to close its connections.
_CLOSING_S = 5.0
_FEEDER_STOP_TIMEOUT_S = 5.0


class Machine:
    """The embedded servers for those backends that no setting names.

    Args:
        settings: the settings in force.
        directory: the locked data directory.

    """

    def __init__(self, settings: Settings, directory: DataDirectory) -> None:
        embedded = settings.embedded
        limits = Limits(embedded.start_timeout_s, embedded.stop_timeout_s)
        self._settings = settings
        self._directory = directory
        self._postgres = self._valkey = self._sqs = None
        if settings.postgres.dsn is None:
            tuning = PostgresTuning(embedded.postgres_shared_buffers_mib, embedded.postgres_wal_max_mib)
            self._postgres = EmbeddedPostgres(directory, tuning=tuning, limits=limits)
        if settings.redis.url is None:
            self._valkey = EmbeddedValkey(directory, memory_mib=embedded.valkey_memory_mib, limits=limits)
        if settings.queue.endpoint_url is None and settings.queue.url is None:
            self._sqs = EmbeddedSqs(directory, port=embedded.sqs_port, limits=limits)

    @property
    def servers(self) -> list[EmbeddedServer]:
        """The servers to start, in this order."""
        return [server for server in (self._postgres, self._valkey, self._sqs) if server is not None]

    def settings(self) -> Settings:
        """Give the settings with the endpoints of the servers that run."""
        settings = self._settings
        queue, postgres, redis = settings.queue, settings.postgres, settings.redis
        if self._postgres is not None:
            postgres = dataclasses.replace(postgres, dsn=self._postgres.endpoint)
        if self._valkey is not None:
            redis = dataclasses.replace(redis, url=self._valkey.endpoint)
        if self._sqs is not None:
            queue = dataclasses.replace(queue, endpoint_url=self._sqs.endpoint)
        commands = dataclasses.replace(settings.commands, queue_name=self._commands_queue_name())
        return dataclasses.replace(settings, queue=queue, postgres=postgres, redis=redis, commands=commands)

    def variables(self) -> dict[str, str]:
        """Give the environment variables that lead another process to the servers that run."""
        found = {}
        if self._postgres is not None:
            found["PAYFLOW_POSTGRES_DSN"] = self._postgres.endpoint
        if self._valkey is not None:
            found["PAYFLOW_REDIS_URL"] = self._valkey.endpoint
        if self._sqs is not None:
            found["PAYFLOW_QUEUE_ENDPOINT_URL"] = self._sqs.endpoint
        if self._settings.commands.queue_name is None and (name := self._commands_queue_name()) is not None:
            found["PAYFLOW_COMMANDS_QUEUE_NAME"] = name
        return found

    def _commands_queue_name(self) -> str | None:
        """Name the queue of commands: the setting's, else one on the server that is started here."""
        return self._settings.commands.queue_name or (COMMANDS_QUEUE_NAME if self._sqs is not None else None)

    def places(self) -> dict[str, str]:
        """Say where everything is, for people: passwords are masked."""
        settings = self.settings()
        return {
            "SQS": settings.queue.url or settings.queue.endpoint_url or "Amazon SQS",
            "PostgreSQL": masked(settings.postgres.required_dsn),
            "Valkey": masked(settings.redis.required_url),
            "data": str(self._directory.path),
        }

    def worker(self) -> ServerProcess:
        """Give the process for a worker; not started yet."""
        limits = Limits(stop_timeout_s=self._settings.worker.shutdown_timeout_s + _CLOSING_S)
        return ServerProcess("worker", log=self._directory.log("worker"), limits=limits)

    def api(self) -> ServerProcess:
        """Give the process for the API and the console; not started yet."""
        limits = Limits(stop_timeout_s=self._settings.api.shutdown_timeout_s + _CLOSING_S)
        return ServerProcess("API", log=self._directory.log("api"), limits=limits)

    def feeder(self) -> ServerProcess:
        """Give the process for the demo's feeder; not started yet."""
        limits = Limits(stop_timeout_s=_FEEDER_STOP_TIMEOUT_S)
        return ServerProcess("demo feeder", log=self._directory.log("demo"), limits=limits)


def command(*arguments: str) -> list[str]:
    """Give the command line of another `payflow` in this interpreter."""
    return [sys.executable, "-m", "payflow", *arguments]
