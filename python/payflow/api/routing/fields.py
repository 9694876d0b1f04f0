"""The fields of the shapes that calls are decoded into."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from msgspec.structs import FieldInfo

__all__ = ["attribute_of", "fields_of"]


@cache
def fields_of(shape: type[msgspec.Struct]) -> tuple[FieldInfo, ...]:
    """Give a shape's fields; kept, because to find them msgspec evaluates every annotation anew."""
    return msgspec.structs.fields(shape)


@cache
def attribute_of(shape: type[msgspec.Struct], name: str) -> str:
    """Give the attribute of the field that is called so on the wire."""
    return next(field.name for field in fields_of(shape) if field.encode_name == name)
