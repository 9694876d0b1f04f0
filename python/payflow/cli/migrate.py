"""`payflow migrate`: brings the database's schema up to date."""

from __future__ import annotations

import cyclopts

from payflow.cli.output import AsJson, print_json, print_line

app = cyclopts.App(name="migrate")


@app.default
def migrate(*, as_json: AsJson = False) -> None:
    """Apply the migrations that the database lacks, and name them."""
    from payflow.ledger.migrations import upgrade  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    postgres = load().postgres
    applied = upgrade(postgres.required_dsn, connect_timeout_s=postgres.connect_timeout_s)
    if as_json:
        print_json({"applied": applied})
    elif applied:
        print_line(f"Applied: {', '.join(applied)}")
    else:
        print_line("The schema is up to date.")
