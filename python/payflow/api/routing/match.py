"""Finds the route of a path: by its segments in a tree, so that the number of routes costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.api.routing.route import Route

PARAMETER_LENGTH_MAX = 512


class _Node:
    __slots__ = ("methods", "named", "parameter")

    def __init__(self) -> None:
        self.named: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.methods: dict[str, Route] = {}


class RouteTree:
    """All routes by path and method. A segment that is spelled out wins over a parameter.

    Raises:
        ValueError: when two routes have the same method and path.

    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, raw_path: str) -> tuple[dict[str, Route], tuple[str, ...]]:
        """Give the routes of a path by method, and the values of its parameters; none for no such path.

        Args:
            raw_path: below the prefix, percent-encoded: an encoded slash belongs to its segment.

        """
        values: list[str] = []
        node = self._walk(self._root, raw_path.split("/")[1:], 0, values)
        return (node.methods, tuple(values)) if node is not None else ({}, ())

    def _walk(self, node: _Node, segments: list[str], at: int, values: list[str]) -> _Node | None:
        if at == len(segments):
            return node if node.methods else None
        segment = segments[at]
        named = node.named.get(segment)
        if named is not None:
            found = self._walk(named, segments, at + 1, values)
            if found is not None:
                return found
        value = _decoded(segment)
        if node.parameter is None or value is None:
            return None
        values.append(value)
        found = self._walk(node.parameter, segments, at + 1, values)
        if found is None:
            values.pop()
        return found

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.named.setdefault(segment, _Node())
        if route.method in node.methods:
            raise ValueError(f"{route.method} {route.path}: there is such a route already")
        node.methods[route.method] = route


def _decoded(segment: str) -> str | None:
    """Decode a parameter's value; None for one that can't be an id of anything."""
    if not segment or len(segment) > PARAMETER_LENGTH_MAX:
        return None
    try:
        value = unquote_to_bytes(segment).decode("utf-8") if "%" in segment else segment
    except UnicodeDecodeError:
        return None
    return value if value.isprintable() else None
