"""Whoever a call is made for: the token says which session, the session says what it may do now."""

from __future__ import annotations

import uuid
from importlib.resources import files
from typing import TYPE_CHECKING

from payflow.api.routing.access import Principal, Role
from payflow.api.routing.problems import SESSION_REVOKED, UNAUTHORIZED, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow.api.auth.tokens import AccessTokens
    from payflow.api.database import Database

_ACCESS = (files("payflow.api.auth") / "sql" / "session_access.sql").read_text()


class SignIns:
    """Reads what sessions may do."""

    def __init__(self, tokens: AccessTokens, database: Database, clock: Callable[[], datetime]) -> None:
        self._tokens = tokens
        self._database = database
        self._clock = clock

    async def of(self, authorization: bytes | None) -> Principal:
        """Give the principal of a call by its `Authorization` header.

        Raises:
            ProblemError: unauthorized, token_expired or session_revoked.
            StoreUnavailable: nothing can say what the session may do.

        """
        claims = self._tokens.verify(authorization)
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_ACCESS, uuid.UUID(claims.session_id))
        if row is None or str(row["user_id"]) != claims.user_id:
            raise ProblemError(UNAUTHORIZED, detail="the access token is not valid")
        if row["revoked_at"] or row["disabled_at"] or row["expires_at"] <= self._clock():
            raise ProblemError(SESSION_REVOKED)
        return Principal(
            user_id=claims.user_id,
            role=Role(row["role"]),
            session_id=claims.session_id,
            email=row["email"],
            name=row["name"],
        )
