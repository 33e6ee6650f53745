"""The dashboard counts the jobs of its first page: beyond ten of a status there are ten.

``len(jobs)`` where the queue should have been asked.
"""

from __future__ import annotations

from reference_impl.flowise.queue import PredictionQueue

FAILS = frozenset({"DASH-002"})
PLAYS = ("DASH-001", "DASH-006")
PAGE = 10

_counts = PredictionQueue.counts


async def _of_a_page(self: PredictionQueue) -> dict[str, int]:
    return {status: min(count, PAGE) for status, count in (await _counts(self)).items()}


def install() -> None:
    """Count so."""
    PredictionQueue.counts = _of_a_page  # type: ignore[method-assign]
