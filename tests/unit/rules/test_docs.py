from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from payflow.rules import seeds, validate

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_example_in_the_docs_prints_what_it_says() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(example, {})  # noqa: S102 - the page is ours, and running it is the test
    assert printed.getvalue().splitlines() == ["[]", "['big_capture_failed']"]


@pytest.mark.parametrize("condition", re.findall(r"```cel\n(.*?)```", PAGE, re.DOTALL))
def test_conditions_in_the_docs_compile(condition: str) -> None:
    assert validate(condition) == []


def test_the_docs_list_each_seeded_rule_with_its_severity() -> None:
    assert [seed.name for seed in seeds() if f"| `{seed.name}` | {seed.severity} |" not in PAGE] == []
