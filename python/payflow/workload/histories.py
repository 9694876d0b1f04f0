"""Makes whole payment histories: draws story, merchant, source, currency and amount, and tells the story."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from payflow.workload.chance import Weighted, zipf_weights
from payflow.workload.draft import Draft, Fact
from payflow.workload.identifiers import Identifiers
from payflow.workload.sources import CURRENCIES, SOURCES, SourceProfile
from payflow.workload.stories import ADJUSTING_STORIES, STORIES

if TYPE_CHECKING:
    from random import Random

    from payflow.workload.mix import Mix

AMOUNT_MIN_MINOR = 20
"""Enough to be cut into every story's parts."""
AMOUNT_MAX_MEDIANS = 5_000
"""A cap on the log-normal tail, in medians of the currency."""
CORRELATED_SHARE = 0.85
METADATA_SHARE = 0.35
UNLISTED_FIELD_SHARE = 0.02
PRICE_ENDING_SHARE = 0.4

_CHANNELS = ("web", "app", "store", "phone")


@dataclass(frozen=True, slots=True)
class History:
    """One payment's facts in the order in which they happened."""

    payment_id: str
    merchant_id: str
    source: SourceProfile
    story: str
    facts: list[Fact]


class Historian:
    """Tells one history after the other, all from one random stream."""

    __slots__ = (
        "_adjustable",
        "_currencies",
        "_merchants",
        "_orders",
        "_random",
        "_sources",
        "_stories",
        "identifiers",
    )

    def __init__(self, random: Random, mix: Mix) -> None:
        self._random = random
        self.identifiers = Identifiers(random)
        self._orders = 0
        self._stories = Weighted(mix.stories)
        self._sources = Weighted({SOURCES[name]: weight for name, weight in mix.sources.items()})
        adjustable = {
            SOURCES[name]: weight for name, weight in mix.sources.items() if SOURCES[name].adjustable
        }
        self._adjustable = Weighted(adjustable) if any(adjustable.values()) else None
        self._currencies = {name: Weighted(source.currencies) for name, source in SOURCES.items()}
        ranks = zipf_weights(mix.merchants, mix.merchant_exponent)
        self._merchants = Weighted({f"m_{rank:05d}": weight for rank, weight in ranks.items()})

    def tell(self, now_ms: int, story: str | None = None) -> History:
        """Return a history that begins at `now_ms`; its facts have no `occurred_at` yet.

        A story that adjusts authorizations is told as `captured` when the mix has no source that can adjust.
        """
        random = self._random
        story = self._stories.draw(random) if story is None else story
        sources: Weighted[SourceProfile] | None = self._sources
        if story in ADJUSTING_STORIES:
            sources = self._adjustable
        if sources is None:
            story, sources = "captured", self._sources
        source = sources.draw(random)
        currency = self._currencies[source.name].draw(random)
        exponent = source.exponent(currency)
        payment_id = self.identifiers.payment(now_ms)
        merchant_id = self._merchants.draw(random)
        draft = Draft(
            random=random,
            identifiers=self.identifiers,
            source=source,
            now_ms=now_ms,
            common=self._common(source, payment_id, merchant_id),
            currency=currency,
            exponent=exponent,
            total_minor=self._amount_minor(currency, exponent),
        )
        STORIES[story](draft)
        return History(payment_id, merchant_id, source, story, draft.facts)

    def _common(self, source: SourceProfile, payment_id: str, merchant_id: str) -> Fact:
        """Return what all facts of a payment carry; one correlation id follows the whole payment."""
        random = self._random
        common: Fact = {"source": source.name, "payment_id": payment_id, "merchant_id": merchant_id}
        if random.random() < CORRELATED_SHARE:
            common["correlation_id"] = self.identifiers.correlation()
        if random.random() < METADATA_SHARE:
            self._orders += 1
            common["metadata"] = {
                "order": f"A-{self._orders}",
                "channel": random.choice(_CHANNELS),
                "items": 1 + random.getrandbits(2),
                "gift": random.random() < UNLISTED_FIELD_SHARE,
            }
        if random.random() < UNLISTED_FIELD_SHARE:
            common["provider_account"] = f"acct_{random.getrandbits(32):08x}"
        return common

    def _amount_minor(self, currency: str, exponent: int) -> int:
        """Draw a log-normal amount; many prices end in nines."""
        random = self._random
        profile = CURRENCIES[currency]
        median_minor = profile.median_major * 10**exponent
        drawn = int(random.lognormvariate(log(median_minor), profile.sigma))
        amount_minor = min(max(drawn, AMOUNT_MIN_MINOR), int(median_minor * AMOUNT_MAX_MEDIANS))
        if exponent and amount_minor > 10**exponent and random.random() < PRICE_ENDING_SHARE:
            amount_minor -= amount_minor % 10**exponent
            amount_minor += 10**exponent - 1
        return amount_minor
