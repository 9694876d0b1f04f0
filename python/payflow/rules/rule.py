"""What a rule is, and what is said when one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Rule", "RuleError", "Severity"]


class Severity(StrEnum):
    """How urgent an alert of the rule is."""

    INFO = "info"
    WARNING = "warning"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of one rule. ``condition`` is CEL of type bool; docs/rules.md says what it may use."""

    rule_id: int
    name: str
    version: int
    severity: Severity
    condition: str


@dataclass(frozen=True, slots=True)
class RuleError:
    """Why a rule was refused. ``line`` and ``column`` count from 1, and are 0 where no place is at fault."""

    rule: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f", line {self.line}, column {self.column}" if self.line else ""
        return f"rule {self.rule!r}{place}: {self.message}"
