"""Families of metrics made of counts that are kept elsewhere, each time that somebody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.utils import floatToGoString

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prometheus_client.core import Metric

    from payflow.telemetry.buckets import Distribution

__all__ = ["counter", "counters", "gauge", "gauges", "histogram", "histograms"]

Labels: TypeAlias = "tuple[str, ...]"


def counter(name: str, text: str, value: float) -> Metric:
    """Give a counter without labels; its name ends on `_total`."""
    return CounterMetricFamily(name, text, value=value)


def counters(
    name: str, text: str, label: str, counts: Mapping[str, int], known: Iterable[str] = ()
) -> Metric:
    """Give one counter for each value of a label; the known values are there from the start, at zero.

    A series that is not there before its first event makes a rate over it blind to that event.
    """
    family = CounterMetricFamily(name, text, labels=[label])
    # Copying a dict is one step of the interpreter, so the event loop may go on counting meanwhile.
    for value, count in (dict.fromkeys(known, 0) | dict(counts)).items():
        family.add_metric([value], count)
    return family


def gauge(name: str, text: str, value: float | None) -> Metric:
    """Give a gauge without labels; without a sample while there is no value."""
    return GaugeMetricFamily(name, text, value=value)


def gauges(name: str, text: str, labels: Labels, values: Iterable[tuple[Labels, float]]) -> Metric:
    """Give a gauge with labels."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for found, value in values:
        family.add_metric(found, value)
    return family


def histogram(name: str, text: str, distribution: Distribution) -> Metric:
    """Give a histogram without labels."""
    return HistogramMetricFamily(name, text, buckets=_buckets(distribution), sum_value=distribution.sum)


def histograms(name: str, text: str, label: str, distributions: Iterable[tuple[str, Distribution]]) -> Metric:
    """Give one histogram for each value of a label."""
    family = HistogramMetricFamily(name, text, labels=[label])
    for value, distribution in distributions:
        family.add_metric([value], _buckets(distribution), sum_value=distribution.sum)
    return family


def _buckets(distribution: Distribution) -> list[tuple[str, float]]:
    ends = [*map(floatToGoString, distribution.bounds), "+Inf"]
    return list(zip(ends, distribution.counts, strict=True))
