"""Ids of rows in paths: digits, and nothing that a bigint can't hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from payflow.api.routing.problems import NOT_FOUND, ProblemError

if TYPE_CHECKING:
    from payflow.api.routing import Call

__all__ = ["absent", "row_id"]

_DIGITS: Final = re.compile(r"[0-9]{1,18}")


def row_id(call: Call, parameter: str, what: str) -> int:
    """Read the id of a row from the path of a call; `what` names its kind.

    Raises:
        ProblemError: not_found, when nothing can have that id.

    """
    name = call.path[parameter]
    if _DIGITS.fullmatch(name) is None:
        raise absent(what, name)
    return int(name)


def absent(what: str, name: object) -> ProblemError:
    """Say that there is nothing of that id."""
    return ProblemError(NOT_FOUND, detail=f"there is no {what} {name}")
