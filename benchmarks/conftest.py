"""What the measurements of single parts share: batches of the benchmark's mix, servers, figures an event.

    pytest benchmarks

Every benchmark asks one question about one part, at batches of 500 as in production; none asserts a time.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from payflow.bench.machine import describe_machine
from payflow.decoding import Decoded, Decoder
from payflow.embedded import DataDirectory, EmbeddedPostgres, EmbeddedValkey, Stack
from payflow.events import Sources
from payflow.ledger.migrations import upgrade
from payflow.lifecycle import policies_of
from payflow.workload import BENCH_MIX, Workload

if TYPE_CHECKING:
    from payflow import _native
    from pytest_benchmark.fixture import BenchmarkFixture

BATCH_SIZE = 500
RESULTS = Path(__file__).parent / "results" / "parts.json"

_FIGURES: pytest.StashKey[dict[str, dict[str, float]]] = pytest.StashKey()

Batches = Iterator[list[bytes]]


class PerEvent:
    """Measures what one batch costs, and tells it for one event."""

    def __init__(self, benchmark: BenchmarkFixture, figures: dict[str, dict[str, float]]) -> None:
        self._benchmark = benchmark
        self._figures = figures

    def measure(
        self, target: Callable[..., object], setup: Callable[[], tuple[Any, ...]], *, rounds: int
    ) -> None:
        """Run `target` on what `setup` makes anew for each round; median and best round are kept."""
        self._benchmark.pedantic(  # type: ignore[no-untyped-call]
            target, setup=lambda: (setup(), {}), rounds=rounds, warmup_rounds=max(rounds // 10, 1)
        )
        if self._benchmark.stats is not None:
            stats = self._benchmark.stats.stats
            self._figures[self._benchmark.name.removeprefix("test_")] = {
                "median_us": round(stats.median / BATCH_SIZE * 1e6, 3),
                "best_us": round(stats.min / BATCH_SIZE * 1e6, 3),
            }


@pytest.fixture
def per_event(benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> PerEvent:
    """Measure batches, tell events."""
    return PerEvent(benchmark, request.config.stash.setdefault(_FIGURES, {}))


@pytest.fixture
def batches() -> Batches:
    """Bodies of the benchmark's stream, 500 at a time, without end."""
    bodies = (
        delivery.body for delivery in Workload(1, BENCH_MIX, clock_start=datetime.now(UTC)).deliveries(None)
    )
    return iter(lambda: list(islice(bodies, BATCH_SIZE)), [])


@pytest.fixture
def decoder() -> Decoder:
    """Give a decoder that knows the sources of a fresh installation."""
    return Decoder(Sources.load(None), lambda: datetime.now(UTC))


@pytest.fixture
def decoded(batches: Batches, decoder: Decoder) -> Iterator[Decoded]:
    """Give decoded batches of the stream."""
    return (decoder.decode(batch) for batch in batches)


@pytest.fixture
def policies() -> _native.Policies:
    """Give what the sources of a fresh installation declare."""
    return policies_of(Sources.load(None))


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[str, str]]:
    """Give the URLs of a migrated PostgreSQL and of a Valkey."""
    place = Path(tempfile.mkdtemp(prefix="payflow-bench-"))
    # PostgreSQL refuses to run as root: it is another account then, which has to get in.
    place.chmod(0o711)
    with DataDirectory(place / "data") as directory:
        postgres, valkey = EmbeddedPostgres(directory), EmbeddedValkey(directory)
        with Stack([postgres, valkey]):
            upgrade(postgres.endpoint)
            yield postgres.endpoint, valkey.endpoint
    shutil.rmtree(place, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what each part costs an event, and keep it beside the other results."""
    figures = config.stash.get(_FIGURES, {})
    if not figures:
        return
    terminalreporter.section(f"µs for one event, in batches of {BATCH_SIZE}")
    terminalreporter.write_line("   median      best")
    for name, one in figures.items():
        terminalreporter.write_line(f"{one['median_us']:>9.3f} {one['best_us']:>9.3f}  {name}")
    known = orjson.loads(RESULTS.read_bytes())["parts"] if RESULTS.exists() else {}
    report = {"parts": known | figures, "batch": BATCH_SIZE, "machine": describe_machine(RESULTS, {})}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
