"""People with passwords, as the tests of signing in need them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from payflow.api.routing import Role
from payflow.api.users.accounts import Acting, create_account

if TYPE_CHECKING:
    import uuid

    import httpx

    from tests.integration.api.harness import Api

PASSWORD = "correct horse battery"  # noqa: S105
ORIGIN = {"origin": "http://127.0.0.1:8080"}


async def account(api: Api, email: str, role: str = "operator", password: str | None = PASSWORD) -> uuid.UUID:
    """Create an account past the front door."""
    hashed = None if password is None else await api.services.auth.passwords.hash(password)
    async with api.services.database.transaction() as connection:
        return await create_account(
            connection,
            Acting("test", api.services.clock()),
            email=email,
            name=email.partition("@")[0].title(),
            role=Role(role),
            password_hash=hashed,
        )


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    """Sign in by password."""
    return await client.post("/auth/login", json={"email": email, "password": password})


async def signed_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    """Sign in by password, and have the client send the access token from then on."""
    answer = await log_in(client, email, password)
    assert answer.status_code == 200, answer.text
    client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return answer


def token_of(url: str) -> str:
    """Take the token out of a link."""
    found = re.search(r"token=([\w-]+)", url)
    assert found is not None, url
    return found[1]


async def trail(api: Api, subject_kind: str) -> list[tuple[str, str, Any]]:
    """Give what the trail has of a kind of subject, the oldest first: action, actor, subject."""
    async with api.services.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT action, actor, subject_id FROM audit_logs WHERE subject_kind = $1 ORDER BY audit_id",
            subject_kind,
        )
    return [tuple(row) for row in rows]
