"""Queue and cache on the same database index start without a word.

Two subsystems, two settings, one default. It works, until the cache's eviction meets the first
stream, or its flush all of them.
"""

from __future__ import annotations

from reference_impl.langflow import settings

FAILS = frozenset({"DBIX-003"})
PLAYS = ("DBIX-004", "DBIX-005")


def install() -> None:
    """Leave that check out."""
    settings.CHECKS = tuple(
        check for check in settings.CHECKS if check is not settings.refuse_collision
    )
