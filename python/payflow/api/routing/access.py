"""Who may call a route: everybody, whoever is signed in, or a role and all above it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct


class Role(StrEnum):
    """What a user may do; each role may do what the ones before it may."""

    READ_ONLY = "read_only"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Its place in the order of roles."""
        return _RANKS[self]


_RANKS = {role: rank for rank, role in enumerate(Role)}


class Principal(Struct, frozen=True, kw_only=True):
    """Whoever a call is made for, as the session says at this moment."""

    user_id: str
    role: Role
    session_id: str
    email: str
    name: str

    @property
    def actor(self) -> str:
        """The name that the trail knows them by."""
        return f"user:{self.email}"


@dataclass(frozen=True)
class Access:
    """The least that a caller must be. There is no default: each route says it."""

    signed_in: bool
    role: Role | None = None

    PUBLIC: ClassVar[Access]
    SIGNED_IN: ClassVar[Access]

    @classmethod
    def at_least(cls, role: Role) -> Access:
        """Give the access of a role and all above it."""
        return cls(signed_in=True, role=role)

    def allows(self, principal: Principal | None) -> bool:
        """Tell whether this caller may pass; None is a caller who is not signed in."""
        if principal is None:
            return not self.signed_in
        return self.role is None or principal.role.rank >= self.role.rank


Access.PUBLIC = Access(signed_in=False)
Access.SIGNED_IN = Access(signed_in=True)
