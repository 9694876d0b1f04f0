"""Reads the environment, the TOML file and the endpoints of a running `payflow up` into `Settings`."""

import dataclasses
import difflib
import os
import re
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from payflow.errors import SettingsInvalid
from payflow.settings.groups import Settings
from payflow.settings.knob import KnobSpec, kind_of
from payflow.settings.running import read_running

Origin = Literal["environment", "file", "running", "default"]

_PREFIX = "PAYFLOW_"
# Variables that are no knobs: they decide how settings are read or how errors are shown.
_META = frozenset({"PAYFLOW_CONFIG", "PAYFLOW_DEBUG"})
# Kubernetes and container links put variables of this shape into every pod for a service named `payflow-*`.
_INJECTED = re.compile(r"_(SERVICE_(HOST|PORT.*)|PORT(_\d+_(TCP|UDP|SCTP).*)?)$")


def specs() -> tuple[KnobSpec, ...]:
    """Describe every knob, in the order of the groups."""
    found = []
    for group in dataclasses.fields(Settings):
        group_type = typing.cast("type[Any]", group.type)
        hints = typing.get_type_hints(group_type)
        for field in dataclasses.fields(group_type):
            kind, optional = kind_of(hints[field.name])
            found.append(
                KnobSpec(group.name, field.name, kind, optional, default=field.default, **field.metadata)
            )
    return tuple(found)


def load(environ: Mapping[str, str] | None = None, *, running: bool = True) -> Settings:
    """Read all settings once.

    Args:
        environ: the environment; this process's own by default.
        running: whether knobs that nobody set lead to the `payflow up` that runs on the same data.

    Raises:
        SettingsInvalid: with every problem that was found.

    """
    return load_with_origins(environ, running=running)[0]


def load_with_origins(
    environ: Mapping[str, str] | None = None, *, running: bool = True
) -> tuple[Settings, dict[str, Origin]]:
    """Read all settings once, and say for each key (`group.name`) where its value comes from.

    Raises:
        SettingsInvalid: with every problem that was found.

    """
    environ = os.environ if environ is None else environ
    known = specs()
    problems = _unknown_variables(environ, known)
    in_file = _read_file(environ.get("PAYFLOW_CONFIG"), known, problems)
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for spec in known:
        _take(spec, environ.get(spec.variable), "environment", spec.variable, values, origins, problems)
        _take(spec, in_file.get(spec.key), "file", f"{spec.key} in PAYFLOW_CONFIG", values, origins, problems)
    if running and not problems:
        data_dir = values.get("data.dir", Settings().data.dir)
        left = read_running(data_dir)
        for spec in known:
            _take(spec, left.get(spec.variable), "running", spec.variable, values, origins, problems)
    settings = _assemble(known, values)
    if not problems:
        problems = settings.contradictions()
    if problems:
        raise SettingsInvalid(problems)
    return settings, {spec.key: origins.get(spec.key, "default") for spec in known}


def _take(
    spec: KnobSpec,
    raw: Any,
    origin: Origin,
    where: str,
    values: dict[str, Any],
    origins: dict[str, Origin],
    problems: list[str],
) -> None:
    """Parse a raw value unless a stronger origin has set the knob."""
    if raw is None or spec.key in origins:
        return
    origins[spec.key] = origin
    try:
        values[spec.key] = spec.parse(raw)
    except ValueError as error:
        problems.append(f"{where}: {spec.shown(raw)!r} {error}; {_advice(spec)}")


def _advice(spec: KnobSpec) -> str:
    special = f" ({spec.special})" if spec.special else ""
    return f"give {spec.bounds}{special}, or leave it unset for {spec.shown(spec.default)}"


def _assemble(known: tuple[KnobSpec, ...], values: Mapping[str, Any]) -> Settings:
    groups = {}
    for group in dataclasses.fields(Settings):
        given = {
            spec.name: values[spec.key] for spec in known if spec.group == group.name and spec.key in values
        }
        groups[group.name] = typing.cast("type[Any]", group.type)(**given)
    return Settings(**groups)


def _unknown_variables(environ: Mapping[str, str], known: tuple[KnobSpec, ...]) -> list[str]:
    names = [spec.variable for spec in known]
    return [
        f"{variable}: no such setting{_suggestion(variable, names)}"
        for variable in sorted(environ)
        if variable.startswith(_PREFIX)
        and variable not in names
        and variable not in _META
        and not _INJECTED.search(variable)
    ]


def _suggestion(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]}?" if close else "; `payflow settings` lists them all"


def _read_file(path: str | None, known: tuple[KnobSpec, ...], problems: list[str]) -> dict[str, Any]:
    """Give the TOML file's values by `group.name`; what is wrong with the file goes to `problems`."""
    if not path:
        return {}
    try:
        tables = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        problems.append(f"PAYFLOW_CONFIG: {path} can't be read: {error.strerror}; name a readable TOML file")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"PAYFLOW_CONFIG: {path} is not TOML: {error}")
        return {}
    keys = [spec.key for spec in known]
    found = {}
    for group, table in tables.items():
        if not isinstance(table, dict):
            problems.append(f"{group} in PAYFLOW_CONFIG: must stand in a table, such as [queue]")
            continue
        for name, value in table.items():
            key = f"{group}.{name}"
            found[key] = value
            if key not in keys:
                problems.append(f"{key} in PAYFLOW_CONFIG: no such setting{_suggestion(key, keys)}")
    return found
