"""Limits as operators write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from payflow.fleet import Limits, OrderRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["changed", "rate_text"]

NONE: Final = "none"
_RATE: Final = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)(?:/s)?")
_COUNT: Final = re.compile(r"\d{1,6}")


def changed(
    before: Limits,
    *,
    rate: str | None,
    merchants: Iterable[str],
    batch_size: str | None,
    concurrency: str | None,
    clear: bool,
) -> Limits:
    """Make the new limits of the old ones and of what was written.

    Raises:
        OrderRefused: something is neither a number nor `none`; bounds are for `Limits.check`.

    """
    old = Limits() if clear else before
    rates = dict(old.merchants)
    for text in merchants:
        name, _, written = text.rpartition("=")
        if not name:
            raise OrderRefused(
                ("/merchants", f"--merchant {text}: write ID=RATE, such as m_1=5/s or m_1=none")
            )
        rates.pop(name, None)
        if (read := _rate(f"--merchant {name}", written)) is not None:
            rates[name] = read
    return Limits(
        rate_per_s=old.rate_per_s if rate is None else _rate("--rate", rate),
        merchants=rates,
        batch_size_max=old.batch_size_max if batch_size is None else _count("--batch-size", batch_size),
        concurrency_max=old.concurrency_max if concurrency is None else _count("--concurrency", concurrency),
    )


def rate_text(rate_per_s: float) -> str:
    """Write a rate."""
    return f"{rate_per_s:,.6g}/s" if rate_per_s < 1_000 else f"{rate_per_s:,.0f}/s"  # noqa: PLR2004 - digits, no limit


def _rate(option: str, text: str) -> float | None:
    found = _RATE.fullmatch(text)
    if found is None and text != NONE:
        raise OrderRefused((f"/{option}", f"{option}: {text!r} is no rate; write 200, 200/s, 0.5/s or none"))
    return None if found is None else float(found[1])


def _count(option: str, text: str) -> int | None:
    found = _COUNT.fullmatch(text)
    if found is None and text != NONE:
        raise OrderRefused((f"/{option}", f"{option}: {text!r} is no number; write one such as 100, or none"))
    return None if found is None else int(text)
