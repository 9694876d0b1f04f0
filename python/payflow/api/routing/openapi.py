"""The OpenAPI 3.1 document, made from the route table and the types that it names."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.routing.fields import fields_of
from payflow.api.routing.problems import (
    BODY_TOO_LARGE,
    CONFLICT,
    FORBIDDEN,
    IDEMPOTENCY_IN_FLIGHT,
    IDEMPOTENCY_KEY_MISSING,
    IDEMPOTENCY_KEY_REUSED,
    INTERNAL,
    INVALID_BODY,
    INVALID_JSON,
    INVALID_QUERY,
    NOT_FOUND,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    RATE_LIMITED,
    SESSION_REVOKED,
    STORE_UNAVAILABLE,
    TOKEN_EXPIRED,
    UNAUTHORIZED,
    UNSUPPORTED_MEDIA_TYPE,
    Fault,
)
from payflow.api.routing.table import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from payflow.api.routing.problems import Problem
    from payflow.api.routing.route import Route

_REF: Final = "#/components/schemas/{name}"
_GENERIC = re.compile(r"^(?P<outer>\w+?)_(?P<inner>\w+)_$")


class ProblemBody(msgspec.Struct, kw_only=True):
    """RFC 9457: why a call was refused."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    errors: list[Fault] | msgspec.UnsetType = msgspec.UNSET
    allowed_commands: list[str] | msgspec.UnsetType = msgspec.UNSET


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """Give the OpenAPI document of a route table."""
    schemas = _Schemas(routes)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route in routes:
        paths[route.path][route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PayFlow API",
            "version": "v1",
            "description": "Payments, their audit trail, alerts and rules. Errors are RFC 9457 problems.",
        },
        "servers": [{"url": PREFIX}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def problems_of(route: Route) -> list[Problem]:
    """Give every problem that a route may answer with."""
    found = [RATE_LIMITED, STORE_UNAVAILABLE, INTERNAL, INVALID_QUERY, *route.problems]
    if route.access.signed_in:
        found += [UNAUTHORIZED, TOKEN_EXPIRED, SESSION_REVOKED]
    if route.access.role is not None:
        found.append(FORBIDDEN)
    if route.parameters:
        found.append(NOT_FOUND)
    if route.method != "GET":
        # A body is refused where none is wanted, and where it is too large.
        found += [BODY_TOO_LARGE, INVALID_BODY, CONFLICT]
    if route.body is not None:
        found += [INVALID_JSON, UNSUPPORTED_MEDIA_TYPE]
    if route.idempotency:
        found += [IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_FLIGHT]
    if route.if_match:
        found += [PRECONDITION_REQUIRED, PRECONDITION_FAILED]
    return list({problem.code: problem for problem in found}.values())


class _Schemas:
    """The schemas of all types that a table names."""

    def __init__(self, routes: Iterable[Route]) -> None:
        kinds: list[Any] = [ProblemBody]
        for route in routes:
            kinds += [kind for kind in (route.query, route.body, *route.answers.values()) if kind is not None]
        unique = list({_key(kind): kind for kind in kinds}.values())
        found, components = msgspec.json.schema_components(unique, ref_template=_REF)
        self._of = {_key(kind): _renamed(schema) for kind, schema in zip(unique, found, strict=True)}
        self.components = {_readable(name): _renamed(schema) for name, schema in sorted(components.items())}

    def of(self, kind: Any) -> Any:
        """Give the schema of a type."""
        return self._of[_key(kind)]

    def properties(self, kind: type[msgspec.Struct]) -> dict[str, Any]:
        """Give the properties of a struct, for parameters."""
        name = self.of(kind)["$ref"].rsplit("/", 1)[-1]
        properties: dict[str, Any] = self.components[name]["properties"]
        return properties


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "tags": [route.tag],
        "summary": route.summary,
        "description": _description(route),
        "parameters": _parameters(route, schemas),
        "responses": _responses(route, schemas),
    }
    if route.access.signed_in:
        operation["security"] = [{"bearer": []}]
    if route.access.role is not None:
        operation["x-role"] = str(route.access.role)
    if route.body is not None:
        required = any(field.required for field in fields_of(route.body))
        operation["requestBody"] = {
            "required": required,
            "content": {"application/json": {"schema": schemas.of(route.body)}},
        }
    return operation


def _description(route: Route) -> str:
    role = route.access.role
    who = (
        f"Needs the role {role} or above."
        if role
        else "Needs a signed-in user."
        if route.access.signed_in
        else ""
    )
    return " ".join(part for part in (route.description, who) if part)


def _parameters(route: Route, schemas: _Schemas) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in route.parameters
    ]
    if route.query is not None:
        properties = schemas.properties(route.query)
        for field in fields_of(route.query):
            schema = dict(properties[field.encode_name])
            described = schema.pop("description", None)
            parameter = {
                "name": field.encode_name,
                "in": "query",
                "required": field.required,
                "schema": _without_null(schema),
            }
            found.append(parameter | ({"description": described} if described else {}))
    if route.idempotency:
        found.append(_header("Idempotency-Key", "New for each intent, the same for its retries.", 255))
    if route.if_match:
        found.append(_header("If-Match", "The ETag that you have seen, with its quotes.", 66))
    return found


def _header(name: str, description: str, length_max: int) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": length_max}
    return {"name": name, "in": "header", "required": True, "description": description, "schema": schema}


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, kind in route.answers.items():
        response: dict[str, Any] = {"description": "Done"}
        if kind is not None:
            response["content"] = {
                media_type: {
                    "schema": schemas.of(kind) if media_type.endswith("json") else {"type": "string"}
                }
                for media_type in route.media_types
            }
        found[str(status)] = response
    if route.cached:
        found["304"] = {"description": "Nothing has changed since the ETag that If-None-Match names"}
    by_status: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems_of(route):
        by_status[problem.status].append(problem)
    for status, problems in sorted(by_status.items()):
        found[str(status)] = {
            "description": "; ".join(f"`{problem.code}`: {problem.title}" for problem in problems),
            "content": {"application/problem+json": {"schema": schemas.of(ProblemBody)}},
        }
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Take null out of a parameter's schema: a query string has no null, one leaves the parameter out."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if rest.get("default", ...) is None:
        del rest["default"]
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {"anyOf": choices, **rest} if choices else rest


def _renamed(schema: Any) -> Any:
    """Rename generic types everywhere in a schema (`Page_Alert_` reads `AlertPage`), and type its enums."""
    if isinstance(schema, dict):
        prefix = _REF.format(name="")
        found = {
            key: prefix + _readable(value.removeprefix(prefix)) if key == "$ref" else _renamed(value)
            for key, value in schema.items()
        }
        if "enum" in found and all(isinstance(value, str) for value in found["enum"]):
            found.setdefault("type", "string")  # which msgspec leaves out
        return found
    if isinstance(schema, list):
        return [_renamed(part) for part in schema]
    return schema


def _readable(name: str) -> str:
    generic = _GENERIC.match(name)
    return f"{generic['inner']}{generic['outer']}" if generic is not None else name


def _key(kind: Any) -> str:
    return repr(kind)
