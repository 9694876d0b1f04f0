"""A knob: one setting with its default, its bounds, and the words that explain it."""

import re
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if typing.TYPE_CHECKING:
    from collections.abc import Mapping

type_words = {bool: "true or false", int: "a whole number", float: "a number", str: "text", Path: "a path"}

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
# The password between `user:` and `@` in a URL.
_URL_PASSWORD = re.compile(r"(?<=://)(?P<user>[^:/@\s]*):[^@/\s]+@")
# The same word when it travels as a query parameter, which libpq allows.
_QUERY_PASSWORD = re.compile(r"(?P<key>(?:^|[?&\s])(?:password|sslpassword)=)[^&\s]*", re.IGNORECASE)


@dataclass(frozen=True)
class KnobSpec:
    """What is known of a knob before anybody has set it."""

    group: str
    name: str
    kind: type
    optional: bool
    default: Any
    purpose: str
    special: str | None
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets this knob."""
        return f"PAYFLOW_{self.group}_{self.name}".upper()

    @property
    def key(self) -> str:
        """The key in the TOML file, with its table."""
        return f"{self.group}.{self.name}"

    @property
    def unit(self) -> str:
        """The unit that the name ends on, or an empty string."""
        suffix = self.name.rsplit("_", 1)[-1]
        return suffix if suffix in {"s", "ms", "kib", "mib", "bytes"} else ""

    @property
    def bounds(self) -> str:
        """The values that the knob takes, in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:g} to {self.maximum:g}"
        return type_words[self.kind]

    def shown(self, value: Any) -> Any:
        """Give the value as it may be printed: secrets and passwords in URLs are masked, paths are text."""
        if self.secret and value is not None:
            return "***"
        if isinstance(value, Path):
            return str(value)
        return masked(value) if isinstance(value, str) else value

    def parse(self, raw: Any) -> Any:
        """Turn a raw value, from the environment or TOML, into the knob's type.

        Raises:
            ValueError: with a message that names the rule; the caller adds the variable.

        """
        if self.optional and raw == "":
            return None
        value = self._typed(raw)
        if self.choices and value not in self.choices:
            raise ValueError(f"must be one of {', '.join(self.choices)}")
        # Asked this way round, "nan" is refused too.
        if self.minimum is not None and not value >= self.minimum:
            raise ValueError(f"must be at least {self.minimum:g}")
        if self.maximum is not None and not value <= self.maximum:
            raise ValueError(f"must be at most {self.maximum:g}")
        return value

    def _typed(self, raw: Any) -> Any:
        if self.kind is bool:
            word = str(raw).strip().lower()
            if word in _TRUE or word in _FALSE:
                return word in _TRUE
        elif self.kind in {int, float} and not isinstance(raw, bool):
            try:
                return self.kind(raw) if not isinstance(raw, float) or self.kind is float else _whole(raw)
            except (TypeError, ValueError):
                pass
        elif self.kind in {str, Path} and isinstance(raw, str) and raw.strip():
            return self.kind(raw.strip())
        raise ValueError(f"must be {type_words[self.kind]}")


def masked(text: str) -> str:
    """Give the text with the passwords of the URLs and connection strings in it masked."""
    return _QUERY_PASSWORD.sub(r"\g<key>***", _URL_PASSWORD.sub(r"\g<user>:***@", text))


def _whole(number: float) -> int:
    if not number.is_integer():
        raise ValueError(number)
    return int(number)


def knob(
    default: Any,
    purpose: str,
    *,
    special: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """Declare a knob as the field of a group.

    Args:
        default: the value when nobody sets it.
        purpose: what it decides, in one sentence.
        special: what its special values mean.
        minimum: the smallest value that is allowed.
        maximum: the largest value that is allowed.
        choices: the only texts that are allowed.
        secret: whether the value is never to be printed.

    """
    words: Mapping[str, Any] = {
        "purpose": purpose,
        "special": special,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "secret": secret,
    }
    return field(default=default, metadata=words)


def kind_of(annotation: Any) -> tuple[type, bool]:
    """Give the knob's plain type and whether it may be unset."""
    if typing.get_origin(annotation) is typing.Literal:
        return str, False
    if isinstance(annotation, types.UnionType):
        plain = next(part for part in typing.get_args(annotation) if part is not types.NoneType)
        return plain, True
    return annotation, False
