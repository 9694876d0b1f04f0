"""What the commands of operators work with: the settings, the database, the sources, who acts."""

from __future__ import annotations

import getpass
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow import redrive
    from payflow._native import Policies, RuleSet
    from payflow.decoding import Decoder
    from payflow.ledger.pool import Pool
    from payflow.settings import Settings

Actor = Annotated[
    str | None, Parameter(help="Who acts, as the records name them; the account of this system without.")
]
Note = Annotated[str, Parameter(help="Why, for whoever reads the record later.")]
Yes = Annotated[bool, Parameter(negative=(), help="Do it without asking.")]


@dataclass(frozen=True)
class Books:
    """One database, opened for one command."""

    settings: Settings
    pool: Pool
    policies: Policies
    decoder: Decoder

    @property
    def redriven(self) -> redrive.Books:
        """The same books, as replaying needs them."""
        from payflow import redrive  # noqa: PLC0415

        return redrive.Books(self.pool.acquire, self.policies, self.decoder.decode, now)

    async def rules(self) -> RuleSet:
        """Compile the rules in force."""
        from payflow.ledger.rules import enabled_rules  # noqa: PLC0415
        from payflow.rules import Rule, Severity, compile_rules  # noqa: PLC0415

        return compile_rules(
            [
                Rule(rule_id=rule_id, name=name, version=version, severity=Severity(severity), condition=text)
                for rule_id, name, version, severity, text in await enabled_rules(self.pool)
            ]
        )


@asynccontextmanager
async def open_books() -> AsyncIterator[Books]:
    """Open the database that the settings name, for reading and writing.

    Raises:
        SettingsInvalid: a setting is wrong or lacking.
        StoreUnavailable: if the server can't be reached, or goes away.
        StoreOutdated: the schema is not this release's.

    """
    from payflow.decoding import Decoder  # noqa: PLC0415
    from payflow.events import Sources  # noqa: PLC0415
    from payflow.ledger import open_pool  # noqa: PLC0415
    from payflow.ledger.faults import as_store_errors  # noqa: PLC0415
    from payflow.ledger.schema import require_current  # noqa: PLC0415
    from payflow.lifecycle import policies_of  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    settings = load()
    options = settings.postgres.ledger_options()
    sources = Sources.load(settings.events.sources_file)
    pool = await open_pool(options)
    try:
        with as_store_errors():
            async with pool.acquire(timeout=options.connect_timeout_s) as connection:
                await require_current(connection)
            yield Books(settings, pool, policies_of(sources), Decoder(sources, now))
    finally:
        pool.terminate()


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


def acting(actor: str | None) -> str:
    """Name who acts, as the trail and the records of actions do."""
    return f"operator:{actor or getpass.getuser()}"
