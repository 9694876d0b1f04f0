"""The one workload generator: seeded streams of payment events, and the model of what the books must be.

`payflow up --demo`, `payflow bench` and the scenario tests all draw from it.
"""

from __future__ import annotations

from payflow.workload.answering import Answer, answers
from payflow.workload.histories import History
from payflow.workload.jsonl import write_jsonl
from payflow.workload.mix import BENCH_MIX, DEMO_MIX, Mix
from payflow.workload.model import Expected, expected
from payflow.workload.stream import Delivery, Workload

__all__ = [
    "BENCH_MIX",
    "DEMO_MIX",
    "Answer",
    "Delivery",
    "Expected",
    "History",
    "Mix",
    "Workload",
    "answers",
    "expected",
    "write_jsonl",
]
