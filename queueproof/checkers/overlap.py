"""How many of several spans of time were under way at once."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[float, float]


def most_at_once(spans: Iterable[Span]) -> int:
    """The greatest number of spans that share an instant; one that ends as another begins does
    not share it.
    """
    moments = sorted(
        (moment, change) for begin, end in spans for moment, change in ((begin, 1), (end, -1))
    )
    most = now = 0
    for _, change in moments:
        now += change
        most = max(most, now)
    return most
