"""`payflow settings`: every knob with its unit, default, bounds and value in force."""

from __future__ import annotations

from typing import Any

import cyclopts

from payflow.cli.output import AsJson, print_json

app = cyclopts.App(name="settings")


@app.default
def settings(*, as_json: AsJson = False) -> None:
    """List every setting: variable, value in force and where it comes from, default, bounds, purpose.

    A value comes from the environment, else from the TOML file that PAYFLOW_CONFIG names, else from the
    `payflow up` that runs on the same data directory, else it is the default. Passwords are masked.
    """
    rows = describe()
    if as_json:
        print_json(rows)
    else:
        _print_table(rows)


def describe() -> list[dict[str, Any]]:
    """Describe every knob with its value in force.

    Raises:
        SettingsInvalid: when the settings can't be read.

    """
    from payflow.settings import load_with_origins, specs  # noqa: PLC0415

    values, origins = load_with_origins()
    return [
        {
            "variable": spec.variable,
            "key": spec.key,
            "value": spec.shown(getattr(getattr(values, spec.group), spec.name)),
            "from": origins[spec.key],
            "default": spec.shown(spec.default),
            "unit": spec.unit,
            "allowed": spec.bounds,
            "special": spec.special,
            "purpose": spec.purpose,
        }
        for spec in specs()
    ]


def _print_table(rows: list[dict[str, Any]]) -> None:
    """Print two lines a setting: variable and value, then what it means; a wide table fits no terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    group = ""
    for row in rows:
        if row["key"].split(".")[0] != group:
            group = row["key"].split(".")[0]
            console.print(Text(f"\n[{group}]", style="bold cyan"))
        value = " ".join(part for part in (_word(row["value"]), row["unit"]) if part)
        where = "" if row["from"] == "default" else f"  from {row['from']}; default {_word(row['default'])}"
        line = Text.assemble((row["variable"], "bold"), " = ", (value, "green"), (where, "yellow"))
        console.print(line, soft_wrap=True)
        special = f" {row['special'][0].upper()}{row['special'][1:]}." if row["special"] else ""
        meaning = f"{row['purpose']}{special} ({row['allowed']})"
        console.print(Padding(Text(meaning, style="dim"), (0, 0, 0, 4)))


def _word(value: object) -> str:
    return "unset" if value is None else str(value)
