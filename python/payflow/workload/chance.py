"""Weighted draws in one table look-up, so that a draw costs the same however many choices there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

T = TypeVar("T")

TABLE_BITS = 16
_TABLE_SIZE = 1 << TABLE_BITS


class Weighted(Generic[T]):
    """Choices drawn by weight, to a resolution of 1 in 65,536.

    Weights need not add up to one. A weight above zero always gets at least one slot unless it is below the
    resolution; a weight of zero is never drawn.

    Raises:
        ValueError: a weight is negative, or none is above zero.

    """

    __slots__ = ("_table",)

    def __init__(self, weights: Mapping[T, float]) -> None:
        total = sum(weights.values())
        if total <= 0 or any(weight < 0 for weight in weights.values()):
            raise ValueError("weights: each must be 0 or more and one above 0; correct the share at fault")
        table: list[T] = []
        reached = 0.0
        for choice, weight in weights.items():
            reached += weight
            table.extend([choice] * (round(reached / total * _TABLE_SIZE) - len(table)))
        self._table = table

    def draw(self, random: Random) -> T:
        """Return one choice."""
        return self._table[random.getrandbits(TABLE_BITS)]


def zipf_weights(count: int, exponent: float) -> dict[int, float]:
    """Weights of ranks 1 to `count`, falling as rank to the power of `-exponent`."""
    return {rank: rank**-exponent for rank in range(1, count + 1)}
