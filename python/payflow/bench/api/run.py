"""`payflow bench api`: the questions in turn, on one rig."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import uvloop

from payflow.bench.api.asks import list_filters
from payflow.bench.api.beside import beside_worker
from payflow.bench.api.questions import cached_list, mixed_reads, pages, visible
from payflow.bench.api.rig import open_api_rig

if TYPE_CHECKING:
    from pathlib import Path

    from payflow.bench.api.rig import ApiRig
    from payflow.bench.view import View
    from payflow.settings import Settings

Question = Literal["mixed", "pages", "cached", "visible", "beside"]
QUESTIONS: Final[tuple[Question, ...]] = get_args(Question)

CONNECTIONS = 16
PAGE_ROUNDS = 40
"""Fewer than a page has rows: each round asks for another page size."""
WRITES = 200


@dataclass(frozen=True)
class ApiBenchOptions:
    """A size, and how long each question is asked."""

    payments: int
    seconds: int
    questions: tuple[Question, ...] = QUESTIONS
    rate: int = 200
    events_rate: int = 1_000
    data_dir: Path | None = None

    @property
    def name(self) -> str:
        """Name the run, for the file that its figures go to."""
        asked = "" if self.questions == QUESTIONS else "-" + "-".join(self.questions)
        return f"api-{self.payments}{asked}"


def run_api_bench(settings: Settings, options: ApiBenchOptions, view: View) -> dict[str, Any]:
    """Start everything, ask, and give the figures by question.

    Raises:
        BenchFailed: when a part does not answer as it should.
        EmbeddedFailed: when a server can't start.

    """
    with open_api_rig(settings, options.payments, options.data_dir, view.say) as rig:
        before = os.getloadavg()[0]
        found = {question: _ask(question, rig, options, view) for question in options.questions}
    machine = rig.machine | {"load_average_before": round(before, 2)}
    return {"payments": options.payments, "questions": found, "machine": machine}


def _ask(question: Question, rig: ApiRig, options: ApiBenchOptions, view: View) -> dict[str, Any]:
    caller, known, seconds = rig.caller, rig.known, options.seconds
    match question:
        case "mixed":
            view.say(f"Mixed reads, {options.rate}/s for {seconds} s")
            return uvloop.run(mixed_reads(caller, known, options.rate, seconds, CONNECTIONS))
        case "cached":
            view.say("One list from the cache, as fast as it goes")
            return uvloop.run(cached_list(caller, min(seconds, 15), CONNECTIONS))
        case "pages":
            with view.progress("First and last pages", len(list_filters(known))) as advance:
                return uvloop.run(pages(caller, known, PAGE_ROUNDS, advance))
        case "visible":
            with view.progress("Writes until they are seen", WRITES) as advance:
                return uvloop.run(visible(caller, known, WRITES, advance))
        case "beside":
            with view.progress("A worker beside", options.events_rate * seconds) as advance:
                return uvloop.run(
                    beside_worker(rig, options.events_rate, options.rate / 2, seconds, CONNECTIONS, advance)
                )
