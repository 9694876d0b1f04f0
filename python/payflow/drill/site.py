"""Where a drill takes place: servers of its own behind proxies, queues, schema, and a crew of workers."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from payflow.drill.crew import Crew, Member
from payflow.embedded import DataDirectory, Stack
from payflow.embedded.machine import Machine
from payflow.embedded.throwaway import CREDENTIALS, on_servers_of_its_own, prepare
from payflow.faults import LocalQueue, proxied_postgres, proxied_redis, proxied_sqs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from payflow.embedded import EmbeddedServer
    from payflow.faults import FaultProxy
    from payflow.settings import Settings


@dataclass(frozen=True)
class Standing:
    """What stands while a drill goes on."""

    settings: Settings
    """With the servers' own endpoints: whoever is no worker goes past the proxies."""
    queue_url: str
    dead_letter_queue_url: str
    queue: LocalQueue
    postgres: EmbeddedServer
    valkey: EmbeddedServer
    sqs: EmbeddedServer
    postgres_proxy: FaultProxy
    valkey_proxy: FaultProxy
    sqs_proxy: FaultProxy
    crew: Crew


class Site:
    """A context manager over all of it; what it wrote goes away with it unless it is kept.

    Args:
        settings: knobs; backends that they name are not used.
        variables: knobs of the workers besides.
        workers: how many.
        say: told each step.
        data_dir: where servers and logs are; a temporary directory without.

    """

    def __init__(
        self,
        settings: Settings,
        variables: Mapping[str, str],
        workers: int,
        say: Callable[[str], None],
        data_dir: Path | None = None,
    ) -> None:
        self._settings = on_servers_of_its_own(settings)
        self._variables = variables
        self._workers = workers
        self._say = say
        self._data_dir = data_dir
        self._held = ExitStack()
        self._keep = data_dir is not None
        self.path = Path()

    def keep(self) -> None:
        """Leave data and logs where they are: somebody will want to look."""
        self._keep = True

    def __enter__(self) -> Standing:
        """Start all but the workers.

        Raises:
            EmbeddedFailed: when a server can't start.

        """
        try:
            return self._open(self._held)
        except BaseException:
            self._held.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything; take the data away unless it is kept."""
        self._held.close()

    def _open(self, held: ExitStack) -> Standing:
        os.environ |= CREDENTIALS
        if self._data_dir is None:
            place = Path(tempfile.mkdtemp(prefix="payflow-drill-"))
            # PostgreSQL refuses to run as root: it is another account then, which has to get in.
            place.chmod(0o711)
            self.path = place / "data"
            held.callback(self._clear, place)
        else:
            self.path = self._data_dir
        directory = held.enter_context(DataDirectory(self.path))
        machine = Machine(self._settings, directory)
        held.enter_context(Stack(machine.servers, lambda server: self._say(f"Starting {server.name}")))
        settings = machine.settings()
        prepared = asyncio.run(prepare(settings))
        postgres = proxied_postgres(directory, settings.postgres.required_dsn)
        valkey = proxied_redis(directory, settings.redis.required_url)
        sqs = proxied_sqs(directory, settings.queue.endpoint_url or "")
        for proxied in (postgres, valkey, sqs):
            held.callback(proxied.stop)
        queue = LocalQueue(settings.queue.endpoint_url or "")
        held.callback(queue.close)
        endpoints = {
            "PAYFLOW_QUEUE_URL": prepared.queue_url,
            "PAYFLOW_POSTGRES_DSN": postgres.endpoint,
            "PAYFLOW_REDIS_URL": valkey.endpoint,
            "PAYFLOW_QUEUE_ENDPOINT_URL": sqs.endpoint,
        }
        # Through the proxies; knobs that nobody has to set here are as in this environment.
        environment = dict(os.environ) | dict(self._variables) | endpoints
        crew = Crew([Member(number, directory, environment) for number in range(self._workers)])
        held.callback(crew.end)
        servers = dict(zip(("postgres", "valkey", "sqs"), machine.servers, strict=True))
        return Standing(
            settings=settings,
            queue_url=prepared.queue_url,
            dead_letter_queue_url=prepared.dead_letter_queue_url,
            queue=queue,
            postgres_proxy=postgres.proxy,
            valkey_proxy=valkey.proxy,
            sqs_proxy=sqs.proxy,
            crew=crew,
            **servers,
        )

    def _clear(self, place: Path) -> None:
        if not self._keep:
            shutil.rmtree(place, ignore_errors=True)
