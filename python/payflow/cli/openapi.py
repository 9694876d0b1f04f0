"""`payflow openapi`: the API's document, printed or held against a file."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations at run time
from typing import Annotated

import cyclopts
import orjson
from cyclopts import Parameter

from payflow.cli.exits import Exit
from payflow.cli.output import print_line

app = cyclopts.App(name="openapi")


@app.default
def openapi(
    *,
    check: Annotated[
        Path | None, Parameter(help="Compare with this file instead of printing; exit code 1 if it differs.")
    ] = None,
) -> int:
    """Print the OpenAPI 3.1 document of this release's API."""
    from payflow.api.docs.routes import openapi as made  # noqa: PLC0415

    text = orjson.dumps(made(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    if check is None:
        sys.stdout.write(text.decode())
        return Exit.OK
    try:
        kept = check.read_bytes()
    except OSError as error:
        print_line(f"{check} can't be read: {error.strerror}\nNext: payflow openapi > {check}")
        return Exit.USAGE
    if kept != text:
        print_line(f"{check} is not this release's document\nNext: payflow openapi > {check}")
        return Exit.DIFFERENCES
    print_line(f"{check} is this release's document")
    return Exit.OK
