"""The documentation pages, made from the route table: plain HTML that needs no script and no network."""

from __future__ import annotations

import html
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from payflow.api.docs.routes import openapi
from payflow.api.routing.problems import PROBLEMS
from payflow.api.routing.sending import send_bytes
from payflow.api.routing.table import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Send

_STYLE: Final = (files("payflow.api.docs") / "static" / "page.css").read_text()
_POLICY: Final = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
)
_HEADERS: Final = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache"), _POLICY)

PATHS: Final = ("/api/docs", "/api/docs/problems")


async def send_docs(path: str, send: Send) -> None:
    """Send one of the pages."""
    await send_bytes(send, 200, list(_HEADERS), reference() if path == "/api/docs" else catalogue())


@cache
def reference() -> bytes:
    """Write the page of all operations."""
    document = openapi()
    return _page(document["info"]["title"], "".join(_reference(document)))


@cache
def catalogue() -> bytes:
    """Write the page of all problems."""
    rows = "".join(
        f'<section id="{code}"><h2><code>{code}</code> <small>{problem.status}</small></h2>'
        f"<p><strong>{_text(problem.title)}.</strong> {_text(problem.meaning)}</p></section>"
        for code, problem in sorted(PROBLEMS.items())
    )
    intro = (
        "<p>Whatever the API refuses, it refuses with <code>application/problem+json</code> (RFC 9457): "
        "<code>code</code> is stable, <code>detail</code> says what was wrong this time, <code>errors</code> "
        "points to each fault, and <code>correlation_id</code> finds it in the log.</p>"
    )
    return _page("Problems", intro + rows)


def _reference(document: dict[str, Any]) -> Iterator[str]:
    yield f"<p>{_text(document['info']['description'])} "
    yield f'The same as <a href="{PREFIX}/openapi.json">OpenAPI 3.1</a>. '
    yield '<a href="/api/docs/problems">All problems</a>.</p>'
    tags = [tag["name"] for tag in document["tags"]]
    yield "<nav>" + " · ".join(f'<a href="#{tag}">{tag}</a>' for tag in tags) + "</nav>"
    for tag in tags:
        yield f'<h2 id="{tag}">{tag}</h2>'
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if operation["tags"] == [tag]:
                    yield from _operation(path, method, operation)
    yield '<h2 id="schemas">Shapes</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield f'<details id="{name}"><summary><code>{name}</code> '
        yield f"{_text(schema.get('description', ''))}</summary>"
        yield f"<pre>{_text(json.dumps(schema, indent=2))}</pre></details>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    role = operation.get("x-role", "signed in" if "security" in operation else "anybody")
    yield f'<details id="{operation["operationId"]}"><summary><b class="{method}">{method.upper()}</b> '
    yield f"<code>{_text(PREFIX + path)}</code> {_text(operation['summary'])} <small>{role}</small></summary>"
    yield f"<p>{_text(operation['description'])}</p>"
    if operation["parameters"]:
        yield "<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>"
        for parameter in operation["parameters"]:
            needed = " <em>required</em>" if parameter["required"] else ""
            yield f"<tr><td><code>{_text(parameter['name'])}</code>{needed}</td><td>{parameter['in']}</td>"
            yield f"<td>{_kind(parameter['schema'])}</td>"
            yield f"<td>{_text(parameter.get('description', ''))}</td></tr>"
        yield "</table>"
    body = operation.get("requestBody")
    if body is not None:
        yield f"<p>Body: {_kind(body['content']['application/json']['schema'])}</p>"
    yield "<table><tr><th>answer</th><th>body</th><th></th></tr>"
    for status, response in operation["responses"].items():
        shapes = " or ".join(_kind(one["schema"]) for one in response.get("content", {}).values()) or "none"
        yield f"<tr><td>{status}</td><td>{shapes}</td><td>{_text(response['description'])}</td></tr>"
    yield "</table></details>"


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f'<a href="#{name}"><code>{name}</code></a>'
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " ".join(f"<code>{_text(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "from"),
            ("maximum", "to"),
            ("minLength", "at least"),
            ("maxLength", "at most"),
        )
        if key in schema
    ]
    kind = schema.get("format") or schema.get("type", "any")
    return _text(" ".join((kind, *bounds)))


def _page(title: str, body: str) -> bytes:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{_text(title)}</h1>{body}</main></body></html>\n"
    ).encode()


def _text(text: str) -> str:
    return html.escape(text)
