"""One row of the route table, and what a handler gets and gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from payflow.api.routing.problems import PRECONDITION_FAILED, ProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from payflow.api.routing.access import Access, Principal
    from payflow.api.routing.problems import Problem
    from payflow.api.services import Services
    from payflow.ledger.pool import Connection

Handler: TypeAlias = "Callable[[Call], Awaitable[Answer]]"

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

_PARAMETER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Streamed:
    """A body that is sent while it is made, such as an export."""

    chunks: AsyncIterator[bytes]


@dataclass(frozen=True)
class Answer:
    """What a handler answers with.

    ``body``: anything that msgspec encodes to JSON; ``bytes`` are sent as they are with the content type
    that ``headers`` name; None sends no body.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """By name in lower case; several values stand in a tuple."""
    kept_body: Any = msgspec.UNSET
    """What an idempotent route keeps for replays instead of the body, when that holds a secret."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation of the API, and all that is promised about it.

    Raises:
        ValueError: when the row contradicts itself.

    """

    method: str
    path: str
    """Below ``/api/v1``, with ``{name}`` for a segment."""
    handler: Handler
    operation_id: str
    tag: str
    summary: str
    access: Access
    answers: Mapping[int, Any]
    """The documented answers: the body's type by status; None for no body."""
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    problems: tuple[Problem, ...] = ()
    """What it may answer beyond what every route may."""
    idempotency: bool = False
    """Needs ``Idempotency-Key``; the reply is stored in the transaction that does the work."""
    if_match: bool = False
    """Needs ``If-Match``; the handler holds it against the version by ``call.require_version``."""
    cached: bool = False
    """Kept for 30 s for the same principal, with ``ETag`` and 304. Never on what decides about money."""
    deadline_s: float | None = None
    """Longest time for the whole call; the setting's without. 0: none, for what streams."""
    description: str = ""
    media_types: tuple[str, ...] = ("application/json",)

    def __post_init__(self) -> None:
        """Refuse a row that contradicts itself."""
        name = f"{self.method} {self.path}"
        if self.method not in METHODS:
            raise ValueError(f"{name}: method must be one of {', '.join(METHODS)}")
        if not self.path.startswith("/") or self.path.endswith("/"):
            raise ValueError(f"{name}: path must begin with a slash and not end with one")
        for shape in (self.query, self.body):
            if shape is not None and not shape.__struct_config__.forbid_unknown_fields:
                raise ValueError(f"{name}: {shape.__name__} must be declared with forbid_unknown_fields=True")
        if self.idempotency and self.method == "GET":
            raise ValueError(f"{name}: a read needs no idempotency key")
        if self.cached and self.method != "GET":
            raise ValueError(f"{name}: only a read is cached")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters."""
        return tuple(_PARAMETER.findall(self.path))


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of one route, decoded and allowed."""

    route: Route
    services: Services
    correlation_id: str
    address: str
    """Where it comes from: the client's address, past trusted proxies."""
    scheme: str
    """``http`` or ``https``, as the browser sees it."""
    headers: Mapping[bytes, bytes]
    path: Mapping[str, str]
    _principal: Principal | None = None
    sticky: bool = True
    """Whether reads must go to the primary, because the caller has written a moment ago."""
    query: Any = None
    body: Any = None
    idempotency_key: str | None = None
    if_match: str | None = None
    """The version that the caller has seen, without quotes."""
    connection: Connection | None = None
    """The transaction of an idempotent route."""
    _afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def principal(self) -> Principal:
        """Whoever is signed in; only routes that anybody may call must not ask."""
        if self._principal is None:
            raise LookupError(f"{self.route.operation_id} is public: it has no principal")
        return self._principal

    def reading(self, *, deadline_s: float | None = None) -> AbstractAsyncContextManager[Connection]:
        """Give a connection for lists and pages; may be a replica's. Never decide by what it says."""
        return self.services.reading(self, deadline_s=deadline_s)

    def transaction(self, *, deadline_s: float | None = None) -> AbstractAsyncContextManager[Connection]:
        """Give a transaction on the primary. On an idempotent route it is the one that stores the reply."""
        return self.services.transaction(self, deadline_s=deadline_s)

    def after_commit(self, action: Callable[[], Awaitable[None]]) -> None:
        """Have something done once the work is durable, before the answer; its failure is only logged."""
        self._afterwards.append(action)

    def take_afterwards(self) -> list[Callable[[], Awaitable[None]]]:
        """Give what is to be done after the commit, once."""
        taken, self._afterwards = self._afterwards, []
        return taken

    def require_version(self, version: object) -> None:
        """Refuse the call unless ``If-Match`` names this version.

        Raises:
            ProblemError: precondition_failed.

        """
        if self.if_match != str(version):
            raise ProblemError(
                PRECONDITION_FAILED,
                detail=f'it is at version "{version}" now, you have seen "{self.if_match}"',
                headers={"etag": f'"{version}"'},
            )
