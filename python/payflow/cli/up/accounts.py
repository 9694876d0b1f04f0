"""What the API of a run needs and nobody has set: a key that signs, and a first administrator."""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from payflow.cli.up.view import View
    from payflow.embedded import DataDirectory
    from payflow.settings import Settings

ADMIN_EMAIL: Final = "admin@payflow.local"

_KEYS: Final = "signing-keys"
_PASSWORD: Final = "admin-password"  # noqa: S105 - the name of a file
_PASSWORD_BYTES: Final = 12


def api_variables(settings: Settings, directory: DataDirectory) -> dict[str, str]:
    """Give the environment variables of the API for what no setting says; keys outlast the run."""
    found = {}
    if settings.api.signing_keys is None:
        found["PAYFLOW_API_SIGNING_KEYS"] = _signing_keys(directory.path / _KEYS)
    if settings.sign_in.mail_url is None:
        # Who runs everything on one machine is who reads what it prints.
        found["PAYFLOW_SIGN_IN_MAIL_URL"] = "print:"
    return found


def ensure_admin(settings: Settings, directory: DataDirectory, view: View) -> None:
    """Create the first administrator of a database that has no accounts, and say the password once."""
    password = settings.api.admin_password or secrets.token_urlsafe(_PASSWORD_BYTES)
    if not asyncio.run(_create(settings, password)):
        return
    if settings.api.admin_password is not None:
        view.say(f"Created {ADMIN_EMAIL} with the password of PAYFLOW_API_ADMIN_PASSWORD")
        return
    path = directory.path / _PASSWORD
    _write_secret(path, password)
    view.say(f"Created {ADMIN_EMAIL} with the password {password} (kept in {path})")


async def _create(settings: Settings, password: str) -> bool:
    import asyncpg  # noqa: PLC0415

    from payflow.api.auth.passwords import Passwords  # noqa: PLC0415
    from payflow.api.routing import Role  # noqa: PLC0415
    from payflow.api.users.accounts import Acting, create_account  # noqa: PLC0415
    from payflow.cli.books import now  # noqa: PLC0415

    postgres = settings.postgres
    connection = await asyncpg.connect(postgres.required_dsn, timeout=postgres.connect_timeout_s)
    try:
        async with connection.transaction():
            # Two runs on one database at once: the second waits, and finds an account.
            await connection.execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
            if await connection.fetchval("SELECT EXISTS (SELECT FROM users)"):
                return False
            passwords = Passwords(threads=1, queue_max=1, length_min=1)
            hashed = await passwords.hash(password)
            passwords.close()
            await create_account(
                connection,
                Acting("payflow", now()),
                email=ADMIN_EMAIL,
                name="Administrator",
                role=Role.ADMIN,
                password_hash=hashed,
            )
            return True
    finally:
        await connection.close()


def _signing_keys(path: Path) -> str:
    from payflow.api.auth.keys import fresh_key  # noqa: PLC0415

    if not path.exists():
        _write_secret(path, fresh_key())
    return path.read_text("utf-8").strip()


def _write_secret(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    fresh = path.with_suffix(".fresh")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    fresh.replace(path)
