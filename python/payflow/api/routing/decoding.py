"""Turns a query string and a body into the structs that a route declares; each fault gets a pointer."""

from __future__ import annotations

import re
import typing
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec

from payflow.api.routing.fields import attribute_of, fields_of
from payflow.api.routing.problems import INVALID_BODY, INVALID_JSON, INVALID_QUERY, Fault, ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

QUERY_FIELDS_MAX: Final = 100
NESTING_MAX: Final = 32

# What msgspec says, taken apart: the text, then the path to where it is wrong.
_PLACED = re.compile(r"^(?P<text>.*?)(?: - at `(?P<key>key in )?(?P<path>\$[^`]*)`)?$", re.DOTALL)
_NAMED = re.compile(r"(?P<kind>unknown|missing required) field `(?P<name>[^`]*)`")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_BRACKETS = re.compile(rb"[\[\]{}]")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def decode_query(raw: bytes, shape: type[msgspec.Struct] | None) -> Any:
    """Decode a query string; every fault of it is told at once.

    Raises:
        ProblemError: invalid_query.

    """
    if not raw:
        pairs = []
    else:
        try:
            pairs = parse_qsl(
                raw.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=False,
                errors="strict",
                max_num_fields=QUERY_FIELDS_MAX,
            )
        except ValueError as error:
            text = "must be UTF-8, percent-encoded" if isinstance(error, UnicodeError) else str(error)
            raise ProblemError(INVALID_QUERY, detail=f"the query string {text}") from error
    if shape is None:
        if pairs:
            faults = [Fault(f"/{escaped(name)}", "this address takes no such parameter") for name, _ in pairs]
            raise ProblemError(INVALID_QUERY, detail=_summary(faults), errors=faults)
        return None
    return _query_struct(pairs, shape)


def _query_struct(pairs: list[tuple[str, str]], shape: type[msgspec.Struct]) -> Any:
    known = _query_fields(shape)
    given: dict[str, list[str]] = {}
    faults = []
    for name, value in pairs:
        if name not in known:
            faults.append(Fault(f"/{escaped(name)}", f"unknown parameter; known are {', '.join(known)}"))
        elif "\x00" in value:
            faults.append(Fault(f"/{name}", "must not contain the character NUL"))
        else:
            given.setdefault(name, []).append(value)
    values: dict[str, Any] = {}
    for name, found in given.items():
        kind, many = known[name]
        if not many and len(found) > 1:
            faults.append(Fault(f"/{name}", "must be given once"))
            continue
        try:
            values[name] = msgspec.convert(found if many else found[0], kind, strict=False)
        except msgspec.ValidationError as error:
            faults.append(Fault(f"/{name}{_pointer(error)}", _rule(error)))
    faults.extend(
        Fault(f"/{field.encode_name}", "must be given")
        for field in fields_of(shape)
        if field.required and field.encode_name not in given
    )
    if faults:
        raise ProblemError(INVALID_QUERY, detail=_summary(faults), errors=faults)
    return shape(**{attribute_of(shape, name): value for name, value in values.items()})


def decode_body(raw: bytes, shape: type[msgspec.Struct]) -> Any:
    """Decode a JSON body; faults of several fields are told at once.

    Raises:
        ProblemError: invalid_json or invalid_body.

    """
    _refuse_nesting(raw)
    try:
        decoded = _decoder(shape).decode(raw)
    except msgspec.ValidationError as error:
        faults = _all_faults(_plain(raw), shape) or [_fault(error)]
        raise ProblemError(INVALID_BODY, detail=_summary(faults), errors=faults) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _no_json(error) from error
    if b"\\u0000" in raw:
        # PostgreSQL can't hold it; the escape is its only spelling in JSON.
        faults = [Fault(pointer, "must not contain the character NUL") for pointer in _nul_places(raw)]
        if faults:
            raise ProblemError(INVALID_BODY, detail=_summary(faults), errors=faults)
    return decoded


def _refuse_nesting(raw: bytes) -> None:
    """Refuse a body that is nested too deeply; counting brackets costs nothing where there are few."""
    if raw.count(b"[") + raw.count(b"{") <= NESTING_MAX:
        return
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > NESTING_MAX:
            raise ProblemError(INVALID_JSON, detail=f"the body is nested deeper than {NESTING_MAX} levels")


def canonical(raw: bytes) -> bytes:
    """Give a JSON body in the one spelling that all its spellings share: sorted keys, no spaces."""
    return msgspec.json.encode(msgspec.json.decode(raw), order="sorted") if raw else b""


def escaped(name: str) -> str:
    """Escape one step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _plain(raw: bytes) -> Any:
    """Decode without a shape: what comes behind the first fault may be no JSON at all."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _no_json(error) from error


def _no_json(error: Exception) -> ProblemError:
    return ProblemError(INVALID_JSON, detail=f"the body is not JSON: {error}")


def _all_faults(plain: Any, shape: type[msgspec.Struct]) -> list[Fault]:
    """Look at each field for itself, since the decoder stops at the first fault."""
    if not isinstance(plain, dict):
        return []
    fields = {field.encode_name: field for field in fields_of(shape)}
    faults = [
        Fault(f"/{escaped(name)}", f"unknown field; known are {', '.join(fields)}")
        for name in plain
        if name not in fields
    ]
    hints = typing.get_type_hints(shape, include_extras=True)
    for name, field in fields.items():
        if name not in plain:
            if field.required:
                faults.append(Fault(f"/{escaped(name)}", "must be given"))
            continue
        try:
            msgspec.convert(plain[name], hints[field.name])
        except msgspec.ValidationError as error:
            found = _fault(error)
            faults.append(Fault(f"/{escaped(name)}{found.pointer}", found.detail))
    return faults


def _nul_places(raw: bytes) -> list[str]:
    found: list[str] = []

    def walk(value: Any, pointer: str) -> None:
        if isinstance(value, str) and "\x00" in value:
            found.append(pointer)
        elif isinstance(value, dict):
            for name, part in value.items():
                if "\x00" in name:
                    found.append(pointer or "/")
                walk(part, f"{pointer}/{escaped(name)}")
        elif isinstance(value, list):
            for number, part in enumerate(value):
                walk(part, f"{pointer}/{number}")

    walk(msgspec.json.decode(raw), "")
    return found


def _fault(error: msgspec.ValidationError) -> Fault:
    named = _NAMED.search(str(error))
    pointer = _pointer(error)
    if named is not None:
        text = "unknown field" if named["kind"] == "unknown" else "must be given"
        return Fault(f"{pointer}/{escaped(named['name'])}", text)
    return Fault(pointer, _rule(error))


def _pointer(error: msgspec.ValidationError) -> str:
    placed = _PLACED.match(str(error))
    # Of a mapping the decoder doesn't tell the key: then the mapping itself is pointed to.
    path = (placed["path"] or "").partition("[...]")[0] if placed is not None else ""
    return "".join(f"/{escaped(name or number)}" for name, number in _STEP.findall(path))


def _rule(error: msgspec.ValidationError) -> str:
    placed = _PLACED.match(str(error))
    text = placed["text"] if placed is not None else str(error)
    return text.replace("`", "").replace("Expected", "must be", 1).replace("Invalid", "is an invalid", 1)


def _summary(faults: list[Fault]) -> str:
    first = faults[0]
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"{first.pointer.removeprefix('/') or 'the body'}: {first.detail}{more}"


@lru_cache(maxsize=512)
def _decoder(shape: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


@lru_cache(maxsize=512)
def _query_fields(shape: type[msgspec.Struct]) -> Mapping[str, tuple[Any, bool]]:
    """Give the type of each parameter by its name, and whether it may be repeated."""
    hints = typing.get_type_hints(shape, include_extras=True)
    return {field.encode_name: (hints[field.name], _is_list(hints[field.name])) for field in fields_of(shape)}


def _is_list(kind: Any) -> bool:
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _is_list(typing.get_args(kind)[0])
    if origin in {list, tuple, set, frozenset}:
        return True
    return any(_is_list(part) for part in typing.get_args(kind)) if origin is not None else False
