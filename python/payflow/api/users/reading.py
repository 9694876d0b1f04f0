"""Users as they are read: lists and single ones."""

from __future__ import annotations

import uuid
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from payflow.api.routing.access import Role
from payflow.api.routing.listing import COUNT_MAX, page, window
from payflow.api.routing.problems import NOT_FOUND, ProblemError
from payflow.api.routing.route import Answer
from payflow.api.users.shapes import User

if TYPE_CHECKING:
    from payflow.api.routing.route import Call
    from payflow.api.users.shapes import UserQuery
    from payflow.ledger.pool import Connection

_SQL = files("payflow.api.users") / "sql"
_STATUS: Final = (_SQL / "status.sql").read_text().strip()
_LIST: Final = (_SQL / "users_list.sql").read_text().replace("{status}", _STATUS)
_COUNT: Final = (_SQL / "users_count.sql").read_text().replace("{status}", _STATUS)
USER: Final = (_SQL / "user.sql").read_text().replace("{status}", _STATUS)
BY_EMAIL: Final = (_SQL / "user_by_email.sql").read_text().replace("{status}", _STATUS)
ALL: Final = (_SQL / "users_all.sql").read_text().replace("{status}", _STATUS)

_COLUMNS: Final = {"name": ("account.name", "text"), "created_at": ("account.created_at", "timestamptz")}


async def list_users(call: Call) -> Answer:
    """Answer with a page of users."""
    query: UserQuery = call.query
    asked = window(call)
    name = query.sort.removeprefix("-")
    descending = query.sort.startswith("-") != asked.backwards
    column, kind = _COLUMNS[name]
    statement = (
        _LIST.replace("{column}", column)
        .replace("{kind}", kind)
        .replace("{after}", "<" if descending else ">")
        .replace("{way}", "DESC" if descending else "ASC")
    )
    value, user_id = asked.position or (None, None)
    if kind == "timestamptz" and value is not None:
        value = datetime.fromisoformat(value)
    filters = (query.role, query.status, query.text)
    async with call.reading() as connection:
        rows = await connection.fetch(
            statement, *filters, value, None if user_id is None else uuid.UUID(user_id), asked.limit + 1
        )
        counted = await connection.fetchval(_COUNT, *filters, COUNT_MAX + 1) if query.count else None

    def key(row: Any) -> tuple[str, str]:
        found = row[name]
        return (found.isoformat() if isinstance(found, datetime) else found), str(row["user_id"])

    return Answer(200, page(call, asked, rows, key=key, shape=user_of, counted=counted))


async def get_user(call: Call) -> Answer:
    """Answer with one user."""
    async with call.reading() as connection:
        user = user_of(await required_user(connection, call.path["user_id"]))
    return Answer(200, user, {"etag": user.etag})


async def required_user(connection: Connection, user_id: str) -> Any:
    """Give the row of a user.

    Raises:
        ProblemError: not_found.

    """
    found = await connection.fetchrow(USER, id_of(user_id))
    if found is None:
        raise ProblemError(NOT_FOUND, detail="there is no such user")
    return found


def id_of(text: str) -> uuid.UUID:
    """Read the id of a path.

    Raises:
        ProblemError: not_found, when it can't be the id of anything.

    """
    try:
        found = uuid.UUID(text)
    except ValueError:
        raise ProblemError(NOT_FOUND, detail="an id has the form of a UUID") from None
    return found


def user_of(row: Any) -> User:
    """Make the user of a row."""
    return User(
        user_id=str(row["user_id"]),
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        status=row["status"],
        created_at=row["created_at"],
        last_sign_in_at=row["last_sign_in_at"],
        etag=f'"{row["version"]}"',
    )
