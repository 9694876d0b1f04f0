"""Which alerts an event raises: CEL conditions over the event, its payment and the verdict."""

from payflow._native import RuleSet
from payflow.rules.compiling import RulesRefused, compile_rules, validate
from payflow.rules.fields import FieldOfRules, vocabulary
from payflow.rules.rule import Rule, RuleError, Severity
from payflow.rules.seeds import SeedRule, seeds

__all__ = [
    "FieldOfRules",
    "Rule",
    "RuleError",
    "RuleSet",
    "RulesRefused",
    "SeedRule",
    "Severity",
    "compile_rules",
    "seeds",
    "validate",
    "vocabulary",
]
