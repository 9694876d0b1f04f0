"""Rules: the rows of the route table."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from payflow.api.routing import Access, Answer, Call, ListQuery, Page, Role, Route
from payflow.api.routing.problems import RULE_INVALID
from payflow.api.rules import changing, reading
from payflow.api.rules.shapes import (
    ChangeRule,
    ConditionError,
    CreateRule,
    Rule,
    RuleDetail,
    Tried,
    TryCondition,
    ValidateCondition,
    Validated,
    Vocabulary,
    VocabularyField,
)
from payflow.api.rules.trying import try_condition
from payflow.rules import RulesRefused, validate, vocabulary

_READ: Final = Access.at_least(Role.READ_ONLY)
_ACT: Final = Access.at_least(Role.OPERATOR)

_VOCABULARY: Final = Vocabulary(
    fields=[
        VocabularyField(name=field.name, type=field.type, description=field.description, words=field.words)
        for field in vocabulary()
    ]
)


async def list_rules(call: Call) -> Answer:
    """Answer with one page."""
    return Answer(200, await reading.list_rules(call))


async def get_rule(call: Call) -> Answer:
    """Answer with one rule and its versions."""
    async with call.reading() as connection:
        rule = await reading.read_rule_with_versions(connection, call.path["name"], call.services.clock())
    return Answer(200, rule, {"etag": f'"{rule.etag}"'})


async def create_rule(call: Call) -> Answer:
    """Write the first version of a rule."""
    rule = await changing.create(call)
    return Answer(201, rule, {"etag": f'"{rule.etag}"', "location": f"/api/v1/rules/{rule.name}"})


async def update_rule(call: Call) -> Answer:
    """Write the next version of a rule."""
    rule = await changing.change(call)
    return Answer(200, rule, {"etag": f'"{rule.etag}"'})


async def switch_rule(enabled: bool, call: Call) -> Answer:
    """Put a rule in force or out of it."""
    rule = await changing.switch(call, enabled=enabled)
    return Answer(200, rule, {"etag": f'"{rule.etag}"'})


async def delete_rule(call: Call) -> Answer:
    """Retire a rule."""
    await changing.retire(call)
    return Answer(204)


async def validate_condition(call: Call) -> Answer:
    """Say everything that is wrong with a condition."""
    found = await asyncio.to_thread(validate, call.body.condition)
    errors = [ConditionError(line=one.line, column=one.column, message=one.message) for one in found]
    return Answer(200, Validated(valid=not errors, errors=errors))


async def try_rule(call: Call) -> Answer:
    """Try a condition on the newest events."""
    try:
        return Answer(200, await try_condition(call))
    except RulesRefused as refused:
        raise changing.refusal(refused.errors) from refused


async def get_vocabulary(_call: Call) -> Answer:
    """Answer with what a condition may read."""
    return Answer(200, _VOCABULARY)


def _switch(path: str, operation_id: str, summary: str, *, enabled: bool) -> Route:
    return Route(
        method="POST",
        path=f"/rules/{{name}}/{path}",
        handler=partial(switch_rule, enabled),
        operation_id=operation_id,
        tag="rules",
        summary=summary,
        access=_ACT,
        answers={200: Rule},
        problems=(RULE_INVALID,),
        idempotency=True,
        if_match=True,
    )


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/rules",
        handler=list_rules,
        operation_id="listRules",
        tag="rules",
        summary="Rules by name, the newest version of each",
        access=_READ,
        query=ListQuery,
        answers={200: Page[Rule]},
    ),
    Route(
        method="POST",
        path="/rules",
        handler=create_rule,
        operation_id="createRule",
        tag="rules",
        summary="Make a rule",
        access=_ACT,
        body=CreateRule,
        answers={201: Rule},
        problems=(RULE_INVALID,),
        idempotency=True,
    ),
    Route(
        method="POST",
        path="/rules/validate",
        handler=validate_condition,
        operation_id="validateCondition",
        tag="rules",
        summary="Compile a condition and say everything that is wrong with it, with line and column",
        access=_ACT,
        body=ValidateCondition,
        answers={200: Validated},
    ),
    Route(
        method="POST",
        path="/rules/try",
        handler=try_rule,
        operation_id="tryCondition",
        tag="rules",
        summary="Try a condition on the newest events",
        access=_ACT,
        body=TryCondition,
        answers={200: Tried},
        problems=(RULE_INVALID,),
    ),
    Route(
        method="GET",
        path="/rules/vocabulary",
        handler=get_vocabulary,
        operation_id="getRuleVocabulary",
        tag="rules",
        summary="Everything that a condition may read",
        access=_READ,
        answers={200: Vocabulary},
    ),
    Route(
        method="GET",
        path="/rules/{name}",
        handler=get_rule,
        operation_id="getRule",
        tag="rules",
        summary="One rule with its versions",
        access=_READ,
        answers={200: RuleDetail},
    ),
    Route(
        method="PUT",
        path="/rules/{name}",
        handler=update_rule,
        operation_id="updateRule",
        tag="rules",
        summary="Write the next version of a rule",
        access=_ACT,
        body=ChangeRule,
        answers={200: Rule},
        problems=(RULE_INVALID,),
        idempotency=True,
        if_match=True,
    ),
    _switch("enable", "enableRule", "Put a rule in force", enabled=True),
    _switch("disable", "disableRule", "Take a rule out of force", enabled=False),
    Route(
        method="DELETE",
        path="/rules/{name}",
        handler=delete_rule,
        operation_id="deleteRule",
        tag="rules",
        summary="Retire a rule: its versions stay, its name is not used again",
        access=Access.at_least(Role.ADMIN),
        answers={204: None},
        idempotency=True,
        if_match=True,
    ),
)
