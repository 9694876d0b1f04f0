"""The OpenAPI document as a route of its own."""

from __future__ import annotations

from functools import cache
from typing import Any

from payflow.api.routing.access import Access
from payflow.api.routing.openapi import document
from payflow.api.routing.route import Answer, Call, Route


@cache
def openapi() -> dict[str, Any]:
    """Give the document of this release's API."""
    from payflow.api.routes import ROUTES as ALL  # noqa: PLC0415 - the table that this route is a row of

    return document(ALL)


async def get_openapi(_call: Call) -> Answer:
    """Answer with the document."""
    return Answer(200, openapi())


ROUTES = (
    Route(
        method="GET",
        path="/openapi.json",
        handler=get_openapi,
        operation_id="getOpenApi",
        tag="docs",
        summary="This document",
        access=Access.PUBLIC,
        answers={200: dict[str, Any]},
    ),
)
