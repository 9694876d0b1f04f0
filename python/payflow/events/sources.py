"""What is known of each source of events: its exponents, its retry horizon, what its amounts may do."""

from __future__ import annotations

import importlib.resources
import re
import tomllib
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from payflow.errors import SettingsInvalid
from payflow.events.currencies import ISO_4217_EXPONENTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["DEFAULT_SOURCE", "SOURCE_NAME", "SourceProfile", "Sources"]

DEFAULT_SOURCE: Final = "default"
"""The profile of every source that is not listed."""

SOURCE_NAME: Final = re.compile(r"[a-z0-9_-]{1,64}")
"""What a source may be called."""

_PACKAGED: Final = "sources.toml"
_HORIZON_S_MAX: Final = 366 * 86_400


class SourceProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source.

    ``exponents`` are only those that differ from ISO 4217; ``overcapture_bps`` is in hundredths of a percent
    of the authorized amount.
    """

    retry_horizon_s: Annotated[int, Meta(ge=60, le=_HORIZON_S_MAX)]
    adjustable: bool
    overcapture_bps: Annotated[int, Meta(ge=0, le=10_000)]
    exponents: dict[
        Annotated[str, Meta(min_length=3, max_length=3)],
        Annotated[int, Meta(ge=0, le=4)],
    ]


class Sources:
    """All sources by name; one that is not listed has the profile ``default``."""

    def __init__(self, profiles: Mapping[str, SourceProfile]) -> None:
        """``profiles`` must hold ``default``."""
        self.profiles = MappingProxyType(dict(profiles))
        self._exponents = {
            name: MappingProxyType({**ISO_4217_EXPONENTS, **profile.exponents})
            for name, profile in profiles.items()
        }

    def profile(self, source: str) -> SourceProfile:
        """Tell what is known of a source."""
        return self.profiles.get(source) or self.profiles[DEFAULT_SOURCE]

    def exponents(self, source: str) -> Mapping[str, int]:
        """Give the exponent of every currency that the source can send."""
        return self._exponents.get(source) or self._exponents[DEFAULT_SOURCE]

    @classmethod
    def load(cls, path: Path | None = None) -> Sources:
        """Read the packaged sources, and over them those of the file at ``path``.

        Raises:
            SettingsInvalid: with every problem of the file.

        """
        packaged = importlib.resources.files(__package__).joinpath(_PACKAGED).read_text(encoding="utf-8")
        tables = tomllib.loads(packaged)
        if path is not None:
            read = _read(path)
            if isinstance(read.get(DEFAULT_SOURCE), dict):
                read[DEFAULT_SOURCE] = tables[DEFAULT_SOURCE] | read[DEFAULT_SOURCE]
            tables |= read
        return cls(_profiles(tables, origin=str(path or _PACKAGED)))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid([f"{path}: can't be read: {error.strerror}"]) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise SettingsInvalid([f"{path}: must be a TOML file in UTF-8: {error}"]) from error


def _profiles(tables: Mapping[str, Any], origin: str) -> dict[str, SourceProfile]:
    """Check every table, list all problems, and fill what is left out from ``default``."""
    problems: list[str] = []
    profiles: dict[str, SourceProfile] = {}
    default = tables[DEFAULT_SOURCE] if isinstance(tables[DEFAULT_SOURCE], dict) else {}
    for name, table in tables.items():
        where = f"{origin}: [{name}]"
        if not SOURCE_NAME.fullmatch(name):
            problems.append(f"{where}: a source is named with 1 to 64 of a-z, 0-9, _ and -: rename it")
        if not isinstance(table, dict):
            problems.append(f"{where}: must be a table: write [{name}] and its keys below")
            continue
        found = _problems_of_keys(where, table)
        if not found:
            try:
                # Exponents belong to one source: those of `default` are not handed down.
                profiles[name] = msgspec.convert({**default, "exponents": {}, **table}, SourceProfile)
            except msgspec.ValidationError as error:
                found = [f"{where}: {error}"]
        problems += found
    if problems:
        raise SettingsInvalid(problems)
    return profiles


def _problems_of_keys(where: str, table: Mapping[str, Any]) -> list[str]:
    """Check each key on its own, because a conversion of the whole stops at its first problem."""
    problems = []
    hints = {field.name: field.type for field in msgspec.structs.fields(SourceProfile)}
    for key, value in table.items():
        if key not in hints:
            problems.append(f"{where}: {key} is not known: use {', '.join(hints)}")
            continue
        try:
            msgspec.convert(value, hints[key])
        except msgspec.ValidationError as error:
            problems.append(f"{where}: {key}: {error}")
            continue
        if key == "exponents":
            problems += [
                f"{where}: exponents: {code} is no ISO 4217 currency: correct or remove it"
                for code in value
                if code not in ISO_4217_EXPONENTS
            ]
    return problems
