"""Latencies as HDR histograms: exact to three digits, mergeable between processes.

Values are microseconds, from one to ten minutes; what lasts longer counts as ten minutes. A
window's histogram keeps two digits, which is what a chart can show, and a tenth of the memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hdrh.histogram import HdrHistogram

_LOWEST_US, _HIGHEST_US = 1, 600_000_000
PERCENTILES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0)


def histogram(*, digits: int = 3) -> Any:
    """An empty histogram."""
    return HdrHistogram(_LOWEST_US, _HIGHEST_US, digits)


def record(into: Any, seconds: float) -> None:
    """Count one latency."""
    into.record_value(min(max(int(seconds * 1e6), _LOWEST_US), _HIGHEST_US))


def encoded(one: Any) -> str:
    """The histogram as text, compressed, in the format that all HDR implementations share."""
    return bytes(one.encode()).decode("ascii")


def merged(texts: Iterable[str], *, digits: int = 3) -> Any:
    """One histogram of many; the order does not matter."""
    whole = histogram(digits=digits)
    for text in texts:
        whole.decode_and_add(text)
    return whole


def count(one: Any) -> int:
    """How many latencies it holds."""
    return int(one.get_total_count())


def percentile_ms(one: Any, percentile: float) -> float:
    """A percentile in milliseconds; 0 of an empty histogram."""
    return round(float(one.get_value_at_percentile(percentile)) / 1000, 3)


def percentiles_ms(one: Any) -> dict[str, float]:
    """The usual percentiles by name: `p50` … `p100`, in milliseconds."""
    return {f"p{each:g}": percentile_ms(one, each) for each in PERCENTILES}
