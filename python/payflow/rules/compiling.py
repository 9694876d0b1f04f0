"""From rules to a compiled set, or to everything that is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payflow._native import RuleSet, RulesRefusedError
from payflow.rules.rule import Rule, RuleError, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RulesRefused", "compile_rules", "validate"]

_TRIED_NAME: Final = "condition"


class RulesRefused(ValueError):  # noqa: N818 - it is a verdict on its argument, as the names in payflow.errors are
    """Some rule does not compile; ``errors`` lists all that is wrong with any of them."""

    def __init__(self, errors: Sequence[RuleError]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = tuple(errors)


def compile_rules(rules: Sequence[Rule]) -> RuleSet:
    """Compile ``rules`` into one set, in their order; raise ``RulesRefused`` if any of them is at fault."""
    rows = [(rule.rule_id, rule.name, rule.version, rule.severity.value, rule.condition) for rule in rules]
    try:
        return RuleSet.compile(rows)
    except RulesRefusedError as refused:
        raise RulesRefused([RuleError(*row) for row in refused.errors]) from None


def validate(condition: str) -> list[RuleError]:
    """Say everything that is wrong with ``condition``; an empty list if it compiles."""
    tried = Rule(rule_id=0, name=_TRIED_NAME, version=1, severity=Severity.INFO, condition=condition)
    try:
        compile_rules([tried])
    except RulesRefused as refused:
        return list(refused.errors)
    return []
