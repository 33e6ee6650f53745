"""A worker that has as many jobs as it may calls itself unwell: it takes none, after all.

What watches over it restarts it, and its jobs with it, whenever there is much to do.
"""

from __future__ import annotations

from reference_impl.flowise.taker import Taker

FAILS = frozenset({"HEAL-007"})
PLAYS = ("HEAL-002", "HEAL-004", "QUEU-004")


def install() -> None:
    """Take no excuse."""
    Taker.is_full = property(lambda _: False)  # type: ignore[method-assign,assignment]
