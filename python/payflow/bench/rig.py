"""A throw-away machine for one run: embedded servers, queues, schema, delays; gone when the run is over."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payflow.bench.machine import describe_machine
from payflow.embedded import DataDirectory, Stack
from payflow.embedded.machine import Machine
from payflow.embedded.throwaway import CREDENTIALS, on_servers_of_its_own, prepare
from payflow.faults import LocalQueue, Proxied, proxied_postgres, proxied_redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payflow.bench.options import AddedLatency, Setup
    from payflow.embedded import EmbeddedServer
    from payflow.embedded.process import ServerProcess
    from payflow.settings import Settings


@dataclass(frozen=True)
class Rig:
    """The servers of a run, and what leads a worker to them."""

    settings: Settings
    """The settings in force, with the servers' own endpoints."""
    queue_url: str
    queue: LocalQueue
    servers: dict[str, EmbeddedServer]
    """`postgres`, `valkey` and `queue`."""
    delays: list[ServerProcess]
    worker: ServerProcess
    """Not started yet."""
    environment: dict[str, str]
    """For the worker; through the delays, where there are some."""
    machine: dict[str, Any]
    scratch: Path
    """A folder that goes away with the run."""

    def cpu_s(self) -> dict[str, float]:
        """Give the CPU time of each part so far, the ended processes of its tree included."""
        return {
            "worker": self.worker.cpu_s(),
            "postgres": self.servers["postgres"].cpu_s(),
            "valkey": self.servers["valkey"].cpu_s(),
            "queue": self.queue.stats().cpu_s,
            "delays": sum(process.cpu_s() for process in self.delays),
        }


@contextmanager
def open_rig(settings: Settings, setup: Setup, say: Callable[[str], None]) -> Iterator[Rig]:
    """Start everything but the worker on a data directory that goes away with it.

    Args:
        settings: knobs of queue and worker; backends that they name are not used.
        setup: how to set them up; the queue's latency is added by the run, once the queue is filled.
        say: told each step.

    Raises:
        EmbeddedFailed: when a server can't start, or the database doesn't commit durably.

    """
    os.environ |= CREDENTIALS
    settings = on_servers_of_its_own(setup.applied_to(settings))
    with ExitStack() as held:
        place = Path(tempfile.mkdtemp(prefix="payflow-bench-", dir=setup.scratch))
        held.callback(shutil.rmtree, place, ignore_errors=True)
        # PostgreSQL refuses to run as root: it is another account then, which has to get in.
        place.chmod(0o711)
        directory = held.enter_context(DataDirectory(place / "data"))
        machine = Machine(settings, directory)
        held.enter_context(Stack(machine.servers, lambda server: say(f"Starting {server.name}")))
        settings = machine.settings()
        delays = _delays(held, directory, settings, setup.added)
        worker = machine.worker()
        held.callback(worker.stop)
        prepared = asyncio.run(prepare(settings))
        queue = LocalQueue(settings.queue.endpoint_url or "")
        held.callback(queue.close)
        yield Rig(
            settings=settings,
            queue_url=prepared.queue_url,
            queue=queue,
            servers=dict(zip(("postgres", "valkey", "queue"), machine.servers, strict=True)),
            delays=[delayed.proxy.process for delayed in delays.values()],
            worker=worker,
            environment=_environment(settings, machine, delays),
            machine=describe_machine(place, {"postgresql": prepared.postgres_version}),
            scratch=place,
        )


def _delays(
    held: ExitStack, directory: DataDirectory, settings: Settings, added: AddedLatency
) -> dict[str, Proxied]:
    found = {}
    if added.postgres_ms:
        dsn = settings.postgres.required_dsn
        found["PAYFLOW_POSTGRES_DSN"] = proxied_postgres(directory, dsn, delay_ms=added.postgres_ms)
        held.callback(found["PAYFLOW_POSTGRES_DSN"].stop)
    if added.redis_ms:
        found["PAYFLOW_REDIS_URL"] = proxied_redis(
            directory, settings.redis.required_url, delay_ms=added.redis_ms
        )
        held.callback(found["PAYFLOW_REDIS_URL"].stop)
    return found


def _environment(settings: Settings, machine: Machine, delays: dict[str, Proxied]) -> dict[str, str]:
    """Lead the worker to the run's servers; other variables stay, so that any knob can be measured."""
    inherited = {name: value for name, value in os.environ.items() if name != "PAYFLOW_QUEUE_URL"}
    queue = settings.queue
    knobs = {
        "PAYFLOW_QUEUE_TRANSPORT": queue.transport,
        "PAYFLOW_QUEUE_LANES": str(queue.lanes),
        "PAYFLOW_QUEUE_BATCH_SIZE_MAX": str(queue.batch_size_max),
        "PAYFLOW_LOGGING_LEVEL": "warning",
        # Nobody asks for metrics here, and another worker of this machine may have the port.
        "PAYFLOW_WORKER_METRICS_PORT": "0",
    }
    through = {name: delayed.endpoint for name, delayed in delays.items()}
    return inherited | knobs | machine.variables() | through
