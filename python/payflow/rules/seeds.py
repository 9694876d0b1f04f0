"""The rules that a new installation starts with."""

from __future__ import annotations

import importlib.resources
import tomllib
from dataclasses import dataclass
from typing import Final

from payflow.rules.rule import Severity

__all__ = ["SeedRule", "seeds"]

_PACKAGED: Final = "seeds.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRule:
    """A rule without an id yet; ``description`` tells an operator what its alert means."""

    name: str
    condition: str
    severity: Severity
    description: str


def seeds() -> list[SeedRule]:
    """Read the packaged rules, in the order in which they are to be inserted."""
    text = importlib.resources.files(__package__).joinpath(_PACKAGED).read_text(encoding="utf-8")
    return [
        SeedRule(
            name=rule["name"],
            condition=rule["condition"].strip(),
            severity=Severity(rule["severity"]),
            description=rule["description"],
        )
        for rule in tomllib.loads(text)["rule"]
    ]
