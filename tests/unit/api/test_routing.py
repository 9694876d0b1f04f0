"""Paths, cursors, queries and rows of the table, without a server."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from payflow.api.routing import Access, Answer, Call, ProblemError, Role, Route
from payflow.api.routing.cursors import Cursors
from payflow.api.routing.decoding import canonical, decode_body, decode_query
from payflow.api.routing.match import RouteTree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY, OTHER = b"k" * 32, b"o" * 32


async def handler(_call: Call) -> Answer:
    return Answer()


def route(path: str, method: str = "GET", **more: Any) -> Route:
    row: Mapping[str, Any] = {
        "method": method,
        "path": path,
        "handler": handler,
        "operation_id": f"{method} {path}",
        "tag": "t",
        "summary": "s",
        "access": Access.PUBLIC,
        "answers": {200: None},
        **more,
    }
    return Route(**row)


TREE = RouteTree(
    [
        *(route("/a"), route("/a", "POST"), route("/a/{id}"), route("/a/me"), route("/a/{id}/b/{other}")),
        *(route("/a/me/c"), route("/a/{id}/d")),
    ]
)


@pytest.mark.parametrize(
    ("path", "found", "values"),
    [
        ("/a", "/a", ()),
        ("/a/me", "/a/me", ()),
        ("/a/you", "/a/{id}", ("you",)),
        ("/a/me/d", "/a/{id}/d", ("me",)),
        ("/a/x%2Fy/b/%C3%A9", "/a/{id}/b/{other}", ("x/y", "é")),
        ("/a/", None, ()),
        ("/a//b/1", None, ()),
        ("/a/%00", None, ()),
        ("/a/%ff", None, ()),
        ("/a/1/b", None, ()),
        ("a", None, ()),
        ("", None, ()),
    ],
)
def test_a_path_leads_to_its_route_and_what_is_spelled_out_wins(
    path: str, found: str | None, values: tuple[str, ...]
) -> None:
    methods, got = TREE.find(path)
    assert (methods["GET"].path if methods else None, got) == (found, values)


@pytest.mark.parametrize(
    "broken",
    [
        {"method": "FETCH"},
        {"path": "a"},
        {"path": "/a/"},
        {"query": type("Loose", (msgspec.Struct,), {})},
        {"idempotency": True},
    ],
)
def test_a_row_that_contradicts_itself_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        route(**{"path": "/a", **broken})


def test_two_rows_for_one_operation_are_refused() -> None:
    with pytest.raises(ValueError, match="such a route already"):
        RouteTree([route("/a/{id}"), route("/a/{name}")])


@given(st.recursive(st.none() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=8))
def test_a_cursor_gives_its_position_back(position: Any) -> None:
    cursors = Cursors([KEY])
    assert cursors.open(cursors.seal(position, b"list"), b"list") == position


@given(st.binary(max_size=64))
def test_a_cursor_that_was_not_sealed_here_is_refused(raw: bytes) -> None:
    with pytest.raises(ProblemError):
        Cursors([KEY]).open(base64.urlsafe_b64encode(raw).decode().rstrip("="), b"list")


def test_a_cursor_is_good_for_its_list_its_key_and_its_spelling() -> None:
    cursor = Cursors([OTHER]).seal([1], b"list")
    assert Cursors([KEY, OTHER]).open(cursor, b"list") == [1]
    for cursors, text, bound_to in (
        (Cursors([KEY]), cursor, b"list"),
        (Cursors([OTHER]), cursor, b"another list"),
        (Cursors([OTHER]), cursor[:-1], b"list"),
        (Cursors([OTHER]), cursor + "é", b"list"),
    ):
        with pytest.raises(ProblemError):
            cursors.open(text, bound_to)


class Query(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    needed: Annotated[int, msgspec.Meta(ge=1)]
    flag: bool = False
    many: list[str] = []


def refusal(work: Callable[[], object]) -> str | None:
    """Give the code that something is refused with, or None; any other exception is a fault."""
    try:
        work()
    except ProblemError as error:
        return error.problem.code
    return None


def pointers(raw: bytes) -> set[str]:
    with pytest.raises(ProblemError) as refused:
        decode_query(raw, Query)
    return {fault.pointer for fault in refused.value.errors}


def test_a_query_is_decoded_by_its_types() -> None:
    assert decode_query(b"needed=3&flag=true&many=a&many=b%26", Query) == Query(
        3, flag=True, many=["a", "b&"]
    )


def test_every_fault_of_a_query_is_told_at_once() -> None:
    assert pointers(b"needed=0&flag=perhaps&other=1&many=%00") == {"/needed", "/flag", "/other", "/many"}
    assert pointers(b"") == {"/needed"}
    assert pointers(b"needed=1&needed=2") == {"/needed"}


@given(st.binary(max_size=200))
@example(b"0\x00")
@example(b'{"needed": "x"} trailing')
def test_whatever_the_bytes_are_a_body_is_decoded_or_refused(raw: bytes) -> None:
    assert refusal(lambda: decode_body(raw, Query)) in {None, "invalid_json", "invalid_body"}


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_a_query_is_decoded_or_refused(raw: bytes) -> None:
    assert refusal(lambda: decode_query(raw, Query)) in {None, "invalid_query"}


def test_spellings_of_one_body_have_one_canonical_form() -> None:
    assert canonical(b'{"b": 1, "a": "\\u00e9"}') == canonical('{"a":"é","b":1}'.encode())
    assert canonical(b'{"a": 1}') != canonical(b'{"a": "1"}')


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_ones_before_it_may(role: Role) -> None:
    from payflow.api.routing import Principal  # noqa: PLC0415

    who = Principal(user_id="u", role=role, session_id="s", email="e", name="n")
    allowed = [least for least in Role if Access.at_least(least).allows(who)]
    assert allowed == list(Role)[: role.rank + 1]
    assert not Access.at_least(Role.READ_ONLY).allows(None)
    assert not Access.SIGNED_IN.allows(None)
    assert Access.PUBLIC.allows(None)
