"""The payment providers that the workload imitates, their currencies and what their amounts look like.

The exponents are the providers' own, which differ from ISO 4217 in places (PAYMENTS 2.2). Currencies about
which a provider contradicts itself are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CurrencyProfile:
    """How amounts of one currency spread: log-normal round a median, in major units."""

    exponent: int
    median_major: float
    sigma: float = 1.1


@dataclass(frozen=True, slots=True, eq=False)
class SourceProfile:
    """A provider: its references, its currencies, and whether it adjusts authorizations."""

    name: str
    adjustable: bool
    currencies: Mapping[str, float]
    prefixes: Mapping[str, str]
    """Prefix of an operation id by family: authorization, capture, refund, release, dispute, movement."""
    numeric_ids: bool = False
    exponents: Mapping[str, int] = field(default_factory=dict)
    """Exponents that differ from `CURRENCIES`."""

    def exponent(self, currency: str) -> int:
        """Return the decimal places that this provider gives the currency."""
        return self.exponents.get(currency, CURRENCIES[currency].exponent)


CURRENCIES: Mapping[str, CurrencyProfile] = {
    "AUD": CurrencyProfile(2, 62),
    "BHD": CurrencyProfile(3, 14),
    "BRL": CurrencyProfile(2, 140),
    "CAD": CurrencyProfile(2, 58),
    "CHF": CurrencyProfile(2, 55),
    "CLP": CurrencyProfile(0, 32_000),
    "EUR": CurrencyProfile(2, 38),
    "GBP": CurrencyProfile(2, 33),
    "HUF": CurrencyProfile(2, 14_500),
    "INR": CurrencyProfile(2, 850, 1.3),
    "ISK": CurrencyProfile(0, 5_600),
    "JPY": CurrencyProfile(0, 4_300),
    "KRW": CurrencyProfile(0, 46_000),
    "KWD": CurrencyProfile(3, 13),
    "PLN": CurrencyProfile(2, 120),
    "SEK": CurrencyProfile(2, 420),
    "USD": CurrencyProfile(2, 42, 1.2),
}

STRIPE = SourceProfile(
    name="stripe",
    adjustable=False,
    currencies={"USD": 48, "EUR": 22, "GBP": 12, "CAD": 5, "AUD": 4, "JPY": 5, "BRL": 2, "KWD": 1, "KRW": 1},
    prefixes={
        "authorization": "pi_",
        "capture": "ch_",
        "refund": "re_",
        "release": "rel_",
        "dispute": "dp_",
        "movement": "txn_",
    },
)
ADYEN = SourceProfile(
    name="adyen",
    adjustable=True,
    currencies={
        "EUR": 50,
        "GBP": 14,
        "USD": 10,
        "SEK": 7,
        "CHF": 5,
        "PLN": 5,
        "JPY": 4,
        "BHD": 2,
        "CLP": 2,
        "ISK": 1,
    },
    prefixes={},
    numeric_ids=True,
    exponents={"CLP": 2, "ISK": 2},
)
RAZORPAY = SourceProfile(
    name="razorpay",
    adjustable=False,
    currencies={"INR": 94, "USD": 4, "KWD": 1, "JPY": 1},
    prefixes={
        "authorization": "pay_",
        "capture": "cap_",
        "refund": "rfnd_",
        "release": "rel_",
        "dispute": "disp_",
        "movement": "adj_",
    },
)
SUMUP = SourceProfile(
    name="sumup",
    adjustable=False,
    currencies={"EUR": 70, "GBP": 20, "PLN": 6, "HUF": 4},
    prefixes={},
    exponents={"HUF": 0},
)

SOURCES: Mapping[str, SourceProfile] = {source.name: source for source in (STRIPE, ADYEN, RAZORPAY, SUMUP)}
