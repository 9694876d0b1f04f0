"""All knobs of PayFlow, by the part that they belong to.

A name ends on its unit. `payflow settings` prints this page with the values in force.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from payflow.errors import SettingsInvalid
from payflow.settings.api import Api, SignIn
from payflow.settings.commands import Commands
from payflow.settings.fleet import Fleet
from payflow.settings.knob import knob
from payflow.settings.stream import Stream
from payflow.settings.upkeep import Budget, Deferral, Sweeper

if TYPE_CHECKING:
    from payflow.ledger import LedgerOptions


@dataclass(frozen=True)
class Queue:
    """The SQS queue that payment events come from, and how it is drained."""

    name: str = knob("payflow-events", "Name of the queue that events are received from.")
    url: str | None = knob(None, "URL of the queue.", special="unset: looked up by its name")
    dead_letter_name: str = knob(
        "payflow-events-dead", "Name of the queue for messages that can't be applied."
    )
    endpoint_url: str | None = knob(
        None,
        "Address of an SQS-compatible server.",
        special="unset: Amazon SQS; `payflow up` starts its own server",
    )
    region: str = knob("us-east-1", "AWS region of the queue.")
    transport: Literal["native", "aioboto3"] = knob(
        "native", "What speaks to SQS: the Rust extension, or plain aioboto3.", choices=("native", "aioboto3")
    )
    wait_time_s: int = knob(20, "How long one receive waits for messages.", minimum=0, maximum=20)
    visibility_timeout_s: int = knob(
        30,
        "How long a received message stays hidden; extended while it is in hand.",
        minimum=2,
        maximum=43_200,
    )
    polls_max: int = knob(32, "Most receives at once when there is traffic.", minimum=1, maximum=256)
    in_flight_max: int = knob(
        8_000, "Most messages in hand; receiving stops there.", minimum=10, maximum=120_000
    )
    batch_size_max: int = knob(500, "Events that close a batch.", minimum=1, maximum=5_000)
    batch_age_max_ms: int = knob(5, "Age of the oldest event that closes a batch.", minimum=1, maximum=1_000)
    lanes: int = knob(2, "Lanes: batches that are processed side by side, by payment.", minimum=1, maximum=64)
    receives_max: int = knob(
        15,
        "Attempts that a message has, and receives before SQS itself dead-letters it.",
        minimum=1,
        maximum=1_000,
    )
    retry_delay_min_s: float = knob(
        1.0, "Delay before the first retry of a message.", minimum=0, maximum=43_200
    )
    retry_delay_max_s: float = knob(300.0, "Longest delay before a retry.", minimum=0, maximum=43_200)


@dataclass(frozen=True)
class Postgres:
    """The database that decides."""

    dsn: str | None = knob(
        None, "URL of the PostgreSQL database.", special="unset: `payflow up` starts its own server"
    )
    pool_size: int = knob(
        0, "Connections of one worker.", special="0: one for each lane", minimum=0, maximum=128
    )
    statement_timeout_ms: int = knob(10_000, "Longest time for one statement.", minimum=100, maximum=600_000)
    connect_timeout_s: float = knob(5.0, "Longest time for one connection attempt.", minimum=0.1, maximum=60)
    probe_delay_max_s: float = knob(
        3.0, "Longest pause between two probes while the database is away.", minimum=0.1, maximum=300
    )

    @property
    def required_dsn(self) -> str:
        """The database's URL.

        Raises:
            SettingsInvalid: when it is unset.

        """
        return _required(self.dsn, "PAYFLOW_POSTGRES_DSN", "postgresql://user:password@host:5432/payflow")

    def ledger_options(self, pool_size: int = 1) -> "LedgerOptions":
        """Give these settings as the ledger takes them, for as many connections.

        Raises:
            SettingsInvalid: when the URL is unset.

        """
        from payflow.ledger import LedgerOptions  # noqa: PLC0415 - settings are read without any driver

        return LedgerOptions(
            dsn=self.required_dsn,
            pool_size=pool_size,
            statement_timeout_ms=self.statement_timeout_ms,
            connect_timeout_s=self.connect_timeout_s,
        )


@dataclass(frozen=True)
class Redis:
    """The marks that save work; losing them is harmless."""

    url: str | None = knob(
        None, "URL of the Redis or Valkey server.", special="unset: `payflow up` starts its own server"
    )
    mark_ttl_s: int = knob(86_400, "How long an event is remembered as done.", minimum=1, maximum=2_592_000)
    deadline_ms: int = knob(
        100, "Longest time for one call; past it the batch goes on without marks.", minimum=1, maximum=10_000
    )

    @property
    def required_url(self) -> str:
        """The server's URL.

        Raises:
            SettingsInvalid: when it is unset.

        """
        return _required(self.url, "PAYFLOW_REDIS_URL", "redis://host:6379/0")


@dataclass(frozen=True)
class Events:
    """What is known of the sources of events."""

    sources_file: Path | None = knob(  # noqa: RUF009 - it makes a field, like all the others
        None,
        "TOML file with each source's exponent table and retry horizon.",
        special="unset: ISO 4217 exponents and the default horizon for every source",
    )


@dataclass(frozen=True)
class Rules:
    """Rules that raise alerts."""

    refresh_interval_s: float = knob(5.0, "How often rules are read again.", minimum=0.1, maximum=3_600)


@dataclass(frozen=True)
class Worker:
    """The worker process."""

    shutdown_timeout_s: float = knob(
        25.0, "Time to finish what is in hand; the rest goes back to the queue.", minimum=0.1, maximum=600
    )
    # SQS keeps a message invisible for 12 hours at most.
    outage_hold_max_s: float = knob(
        600.0,
        "How long messages in hand are held while the database is away; then they go back to the queue.",
        special="0: they go back at once",
        minimum=0,
        maximum=39_600,
    )
    metrics_host: str = knob(
        "127.0.0.1", "Address that /livez, /readyz and /metrics are served on; they have no password."
    )
    metrics_port: int = knob(
        9464,
        "Port of /livez, /readyz and /metrics.",
        special="0: they are not served",
        minimum=0,
        maximum=65_535,
    )


@dataclass(frozen=True)
class Logging:
    """What processes say, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = knob(
        "info", "Least severity that is logged.", choices=("debug", "info", "warning", "error")
    )
    format: Literal["auto", "json", "text"] = knob(
        "auto",
        "Form of a line.",
        special="auto: text on a terminal, else JSON",
        choices=("auto", "json", "text"),
    )


@dataclass(frozen=True)
class Data:
    """What `payflow up` keeps on the disk."""

    dir: Path = knob(  # noqa: RUF009 - it makes a field, like all the others
        Path(".payflow"), "Directory of the embedded servers' data, from the working directory."
    )


@dataclass(frozen=True)
class Embedded:
    """The servers that `payflow up` starts for backends that no setting names."""

    sqs_port: int = knob(
        9324, "Loopback port of the local SQS server.", special="0: any free port", minimum=0, maximum=65_535
    )
    start_timeout_s: float = knob(60.0, "Longest time for one server to start.", minimum=1, maximum=3_600)
    stop_timeout_s: float = knob(
        30.0, "Longest time for one server to stop; then it is killed.", minimum=1, maximum=600
    )
    postgres_shared_buffers_mib: int = knob(256, "PostgreSQL's page cache.", minimum=16, maximum=65_536)
    postgres_wal_max_mib: int = knob(
        4_096, "Write-ahead log between two checkpoints.", minimum=64, maximum=65_536
    )
    valkey_memory_mib: int = knob(
        512, "Memory for marks; the ones nearest to expiry leave when it is full.", minimum=16, maximum=65_536
    )


@dataclass(frozen=True)
class Settings:
    """Every knob's value. Made by `payflow.settings.load`, never changed, never read again."""

    queue: Queue = field(default_factory=Queue)
    postgres: Postgres = field(default_factory=Postgres)
    redis: Redis = field(default_factory=Redis)
    events: Events = field(default_factory=Events)
    rules: Rules = field(default_factory=Rules)
    budget: Budget = field(default_factory=Budget)
    deferral: Deferral = field(default_factory=Deferral)
    sweeper: Sweeper = field(default_factory=Sweeper)
    worker: Worker = field(default_factory=Worker)
    fleet: Fleet = field(default_factory=Fleet)
    api: Api = field(default_factory=Api)
    commands: Commands = field(default_factory=Commands)
    sign_in: SignIn = field(default_factory=SignIn)
    stream: Stream = field(default_factory=Stream)
    logging: Logging = field(default_factory=Logging)
    data: Data = field(default_factory=Data)
    embedded: Embedded = field(default_factory=Embedded)

    @property
    def postgres_pool_size(self) -> int:
        """Connections of one worker: as set, else one for each lane."""
        return self.postgres.pool_size or self.queue.lanes

    def contradictions(self) -> list[str]:
        """Name the values that are each allowed but not together."""
        problems = []
        if self.queue.in_flight_max < self.queue.batch_size_max:
            problems.append(
                f"PAYFLOW_QUEUE_IN_FLIGHT_MAX: {self.queue.in_flight_max} must be at least "
                f"PAYFLOW_QUEUE_BATCH_SIZE_MAX, {self.queue.batch_size_max}, or no batch ever fills"
            )
        if self.queue.retry_delay_max_s < self.queue.retry_delay_min_s:
            problems.append(
                f"PAYFLOW_QUEUE_RETRY_DELAY_MAX_S: {self.queue.retry_delay_max_s:g} must be at least "
                f"PAYFLOW_QUEUE_RETRY_DELAY_MIN_S, {self.queue.retry_delay_min_s:g}"
            )
        if self.queue.name == self.queue.dead_letter_name:
            problems.append(
                f"PAYFLOW_QUEUE_DEAD_LETTER_NAME: {self.queue.name} must differ from PAYFLOW_QUEUE_NAME"
            )
        return problems


def _required(value: str | None, variable: str, example: str) -> str:
    if value is None:
        raise SettingsInvalid(
            [f"{variable}: must be set, for example {example}; or run `payflow up`, which brings its own"]
        )
    return value
