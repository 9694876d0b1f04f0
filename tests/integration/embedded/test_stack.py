"""Servers start in order and stop in reverse, whatever happens to one of them."""

from __future__ import annotations

import pytest
from payflow.embedded import EmbeddedFailed, Stack


class Recorded:
    """A server that writes down what is asked of it."""

    endpoint = "none"

    def __init__(self, name: str, said: list[str], fails: str = "") -> None:
        self.name = name
        self._said = said
        self._fails = fails

    def start(self) -> None:
        self._say("start")

    def stop(self) -> None:
        self._say("stop")

    def pids(self) -> tuple[int, ...]:
        return ()

    def healthy(self) -> bool:
        return True

    def last_lines(self) -> str:
        return ""

    def cpu_s(self) -> float:
        return 0.0

    def _say(self, word: str) -> None:
        self._said.append(f"{word} {self.name}")
        if self._fails == word:
            raise EmbeddedFailed(f"{self.name} won't {word}", "nothing")


def test_they_stop_in_reverse() -> None:
    said: list[str] = []
    with Stack([Recorded("a", said), Recorded("b", said)]):
        said.append("run")
    assert said == ["start a", "start b", "run", "stop b", "stop a"]


def test_when_one_does_not_start_those_before_it_stop() -> None:
    said: list[str] = []
    with (
        pytest.raises(EmbeddedFailed, match="b won't start"),
        Stack([Recorded("a", said), Recorded("b", said, "start"), Recorded("c", said)]),
    ):
        said.append("run")
    assert said == ["start a", "start b", "stop c", "stop b", "stop a"]


def test_one_that_does_not_stop_keeps_no_other_running() -> None:
    said: list[str] = []
    stack = Stack([Recorded("a", said), Recorded("b", said, "stop")])
    with pytest.raises(ExceptionGroup, match="did not stop in order"):
        stack.stop()
    assert said == ["stop b", "stop a"]
