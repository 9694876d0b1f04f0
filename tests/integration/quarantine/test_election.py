"""Of all workers one sweeps; when it goes, another one does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from payflow.settings import load
from payflow.worker.sweep_figures import SweepFigures
from payflow.worker.sweeper import SweepOptions, Swept, keep_swept

from tests.integration.quarantine.yard import captured

if TYPE_CHECKING:
    from payflow.settings import Settings

    from tests.integration.quarantine.conftest import Queue
    from tests.integration.quarantine.yard import Yard

DEADLINE_S = 30.0


class Worker:
    """A sweeper that tells of its passes."""

    def __init__(self, yard: Yard, settings: Settings) -> None:
        self.passes: asyncio.Queue[Swept] = asyncio.Queue()
        self.figures = SweepFigures()
        self._task = asyncio.create_task(
            keep_swept(
                settings,
                lambda: yard.rules,
                yard.clock,
                "sweeper",
                figures=self.figures,
                observe=self.passes.put_nowait,
            )
        )

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@pytest.fixture
def settings(yard: Yard, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {
        "PAYFLOW_POSTGRES_DSN": yard.dsn,
        "PAYFLOW_QUEUE_ENDPOINT_URL": queue.endpoint_url,
        "PAYFLOW_QUEUE_NAME": queue.name,
        "PAYFLOW_QUEUE_DEAD_LETTER_NAME": f"{queue.name}-dead",
        "PAYFLOW_SWEEPER_INTERVAL_S": "0.05",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    return load(running=False)


async def test_one_of_two_sweeps_and_the_other_takes_over_when_it_stops(
    yard: Yard, settings: Settings
) -> None:
    async with asyncio.timeout(DEADLINE_S):
        first = Worker(yard, settings)
        await first.passes.get()
        second = Worker(yard, settings)
        for _ in range(3):
            await first.passes.get()
        assert second.passes.empty()
        await first.stop()
        await second.passes.get()
        await second.stop()


async def test_a_pass_does_all_of_its_work_on_the_servers_that_the_settings_name(
    yard: Yard, queue: Queue, settings: Settings
) -> None:
    await yard.book(captured("p"))
    yard.clock.move(days=4)
    await asyncio.to_thread(lambda: queue.sqs.send_message(QueueUrl=queue.dead_url, MessageBody="{"))
    async with asyncio.timeout(DEADLINE_S):
        worker = Worker(yard, settings)
        swept = await worker.passes.get()
        await worker.stop()
    assert (swept.orphaned, swept.taken_in.listed) == (1, 1)
    figures = worker.figures
    assert (figures.orphaned, figures.taken_in, figures.last_pass_at) == (1, 1, yard.clock.now)
    assert figures.passes >= 1
    classes = "SELECT class FROM dead_letters ORDER BY 1"
    assert await yard.rows(classes) == [("exhausted",), ("orphaned",)]


async def test_a_sweeper_whose_connection_is_cut_comes_back(yard: Yard, settings: Settings) -> None:
    async with asyncio.timeout(DEADLINE_S):
        worker = Worker(yard, settings)
        await worker.passes.get()
        cut = """
            SELECT pg_terminate_backend(pid) FROM pg_locks
            JOIN pg_database d ON d.oid = database AND d.datname = current_database()
            WHERE locktype = 'advisory'
        """
        assert await yard.rows(cut) == [(True,)]
        while not worker.passes.empty():
            worker.passes.get_nowait()
        await worker.passes.get()
        await worker.passes.get()
        await worker.stop()


async def test_parked_facts_are_looked_after_although_the_queue_is_missing(
    yard: Yard, settings: Settings
) -> None:
    await yard.book(captured("p"))
    yard.clock.move(days=4)
    missing = replace(settings, queue=replace(settings.queue, dead_letter_name="gone"))
    async with asyncio.timeout(DEADLINE_S):
        worker = Worker(yard, missing)
        while not await yard.rows("SELECT 1 FROM dead_letters WHERE class = 'orphaned'"):  # noqa: ASYNC110
            await asyncio.sleep(0)
        while not worker.figures.failures:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await worker.stop()
    assert worker.figures.failures.keys() == {"away"}
    assert await yard.differences() == []


async def test_the_knobs_decide_how_much_a_pass_does_and_from_what_age_it_warns(
    yard: Yard, settings: Settings
) -> None:
    for number in range(7):
        await yard.book(captured(f"p{number}"))
    yard.clock.move(seconds=100)
    knobs = replace(settings.sweeper, warn_age_s=90, batch_size=2, dead_letters_hidden_s=7)
    async with asyncio.timeout(DEADLINE_S):
        worker = Worker(yard, replace(settings, sweeper=knobs))
        await worker.passes.get()
        assert worker.figures.overdue == 7
        await worker.stop()
        patient = Worker(yard, replace(settings, sweeper=replace(knobs, warn_age_s=110)))
        await patient.passes.get()
        assert patient.figures.overdue == 0
        await patient.stop()
    assert SweepOptions.of(knobs) == SweepOptions(
        interval_s=0.05, warn_after_s=90, batch_size=2, messages_max=1_000, hidden_s=7
    )
