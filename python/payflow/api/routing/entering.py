"""What a call passes before it is decoded: budgets, sign-in, role; and what is kept for it already.

Session, generation and kept answer are read from Redis in one round trip, which calls that run side by side
share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payflow.api.auth.access import version_key
from payflow.api.cache.answers import KeptAnswers
from payflow.api.middleware.forwarded import bucket
from payflow.api.routing.problems import FORBIDDEN, RATE_LIMITED, ProblemError

if TYPE_CHECKING:
    from starlette.types import Scope

    from payflow.api.budgets.calls import Left
    from payflow.api.budgets.store import Budget
    from payflow.api.cache.answers import Kept
    from payflow.api.routing.access import Principal
    from payflow.api.routing.requests import Headers
    from payflow.api.routing.route import Route
    from payflow.api.services import Services


@dataclass(slots=True)
class Entered:
    """A call that may go on."""

    principal: Principal | None = None
    key: str | None = None
    """Under which its answer is kept; None if it isn't."""
    generation: bytes | None = None
    """Of the user's kept answers; None as well when Redis doesn't know any."""
    kept: Kept | None = None
    sticky: bool = True
    """Whether it must read from the primary, to see what its user has written."""


def count_call(services: Services, budget: Budget | None, name: str, scope: Scope) -> None:
    """Count a call against a budget; what is left goes into the answer's headers.

    Raises:
        ProblemError: rate_limited.

    """
    if budget is None:
        return
    left: Left = services.calls.take(budget, name)
    scope["state"]["budget"] = left
    if not left.allowed:
        raise ProblemError(
            RATE_LIMITED,
            detail=f"{budget.amount} calls in {budget.window_s} s are the most for one {budget.name}",
            headers={"retry-after": str(left.ends_in_s)},
        )


async def enter(services: Services, route: Route, scope: Scope, headers: Headers) -> Entered:
    """Let a call in.

    Raises:
        ProblemError: rate_limited, unauthorized, token_expired, session_revoked or forbidden.

    """
    options = services.options
    count_call(services, options.address_budget, bucket(scope["state"]["address"]), scope)
    if not route.access.signed_in:
        return Entered()
    access = services.auth.access
    claims = services.auth.tokens.verify(headers.get(b"authorization"))
    known = access.known(claims)
    generation_key = KeptAnswers.generation_key(claims.user_id)
    keys = [version_key(claims.session_id), generation_key]
    key = None
    if route.cached and known is not None:
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        key = KeptAnswers.key(known.principal, route.operation_id, path, scope["query_string"])
        keys.append(key)
    found = await services.front.read(keys) or [None] * len(keys)
    principal = await access.settle(claims, known, found[0])
    scope["state"]["principal"] = principal
    count_call(services, options.principal_budget, principal.user_id, scope)
    require(route, principal)
    generation = found[1]
    entered = Entered(principal, generation=generation)
    entered.sticky = found[0] is None or generation is not None or services.answers.wrote_here(claims.user_id)
    if key is not None and known is not None and principal is known.principal:
        entered.key = key
        if headers.get(b"cache-control") != b"no-cache":
            entered.kept = services.answers.found(claims.user_id, generation, found[2])
    return entered


def require(route: Route, principal: Principal) -> None:
    """Refuse a caller whose role doesn't reach.

    Raises:
        ProblemError: forbidden.

    """
    if not route.access.allows(principal):
        needed = route.access.role
        raise ProblemError(
            FORBIDDEN, detail=f"this needs the role {needed} or above, yours is {principal.role}"
        )
