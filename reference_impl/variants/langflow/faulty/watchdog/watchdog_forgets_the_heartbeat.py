"""The watchdog measures from the build's start, whatever its client does.

A time limit in the clothes of a watchdog: the heartbeat is written by every poll and read by
nobody. Long builds die under clients that are connected all the while.
"""

from __future__ import annotations

from collections.abc import Iterable

from reference_impl.core.rules import Gap, Heartbeat, StaleRule
from reference_impl.langflow.assembly import Assembly

FAILS = frozenset(
    {
        *("WDOG-004", "WDOG-005", "WDOG-006"),
        # An aged heartbeat and a malformed one are not read either.
        *("WDOG-009", "WDOG-011", "MONI-019"),
    }
)
PLAYS = ("WDOG-001", "WDOG-002", "WDOG-008")


class FromTheStart(StaleRule):
    """Knows one moment of a build: its first."""

    def judge(
        self, value: str | None, *, started_s: float, gaps: Iterable[Gap], now_s: float
    ) -> Heartbeat:
        """As if no heartbeat had ever come."""
        return super().judge(None, started_s=started_s, gaps=gaps, now_s=now_s)


class VariantAssembly(Assembly):
    """Reclaims builds by their age."""

    stale_rule_class = FromTheStart
