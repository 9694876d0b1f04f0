"""`payflow user`: accounts from the command line."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from payflow.cli import run
from payflow.cli.exits import Exit

from tests.integration.api.accounts import signed_in, token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.api.harness import Api

ADA = "ada@example.test"
PASSWORD = "a password for ada"  # noqa: S105


@pytest.fixture
def user(
    database_dsn: str, redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run `payflow user ...`; gives the exit code and what it printed."""
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", database_dsn)
    monkeypatch.setenv("PAYFLOW_REDIS_URL", redis_url)
    monkeypatch.setenv("PAYFLOW_API_PUBLIC_URL", "https://payflow.example.test/")

    def call(*tokens: str, stdin: str = "") -> tuple[int, str]:
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(["user", *tokens])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


def test_an_account_is_created_with_a_link_listed_and_reset(user: Callable[..., tuple[int, str]]) -> None:
    code, said = user("create", "Ada@Example.test", "--role", "admin", "--json")
    assert code == Exit.OK
    made = json.loads(said)
    assert made["email"] == ADA
    assert made["invitation_url"].startswith("https://payflow.example.test/reset-password?token=")
    _, listed = user("list", "--json")
    [row] = json.loads(listed)
    assert (row["email"], row["role"], row["status"], row["name"]) == (ADA, "admin", "invited", "Ada")
    code, said = user("reset", ADA)
    assert code == Exit.OK
    assert token_of(said) != token_of(made["invitation_url"])
    assert ADA in user("list")[1]


def test_what_is_wrong_is_said_with_its_exit_code(user: Callable[..., tuple[int, str]]) -> None:
    assert user("create", ADA, "--role", "operator", "--password-stdin", stdin=f"{PASSWORD}\n")[0] == Exit.OK
    assert user("create", ADA, "--role", "operator") == (
        Exit.DIFFERENCES,
        f"there is an account of {ADA} already\n",
    )
    code, said = user("disable", "nobody@example.test")
    assert code == Exit.DIFFERENCES
    assert "payflow user list" in said
    assert user("create", "not an e-mail", "--role", "operator")[0] == Exit.USAGE
    code, said = user("create", "bob@example.test", "--role", "operator", "--password-stdin", stdin="short\n")
    assert code == Exit.DIFFERENCES
    assert "at least 12 characters" in said
    assert user("create", "bob@example.test", "--role", "root")[0] == Exit.USAGE


async def test_disabling_ends_sessions_of_a_running_api_at_once(
    api: Api, user: Callable[..., tuple[int, str]]
) -> None:
    import asyncio  # noqa: PLC0415

    await asyncio.to_thread(
        user, "create", ADA, "--role", "operator", "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    client = api.anonymous()
    await signed_in(client, ADA, PASSWORD)
    assert (await client.get("/users/me")).status_code == 200
    code, said = await asyncio.to_thread(user, "disable", ADA)
    assert (code, said) == (Exit.OK, f"Disabled {ADA}; 1 sessions ended.\n")
    assert (await client.get("/users/me")).json()["code"] == "session_revoked"
