"""The watchdog never strikes: heartbeats are in seconds, the threshold it compares is in ms.

The oldest mistake about timeouts. Nothing fails; abandoned builds simply run to their ends, and
nobody looks until the bill comes.
"""

from __future__ import annotations

from collections.abc import Iterable

from reference_impl.core.rules import Gap, Heartbeat, StaleRule
from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"WDOG-001", "WDOG-009", "WDOG-011"})
PLAYS = ("WDOG-002", "WDOG-004", "WDOG-011")


class MixedUnits(StaleRule):
    """Takes the threshold for milliseconds."""

    def judge(
        self, value: str | None, *, started_s: float, gaps: Iterable[Gap], now_s: float
    ) -> Heartbeat:
        """Stale after a thousand times the threshold."""
        rule = StaleRule(self.threshold_s * 1000)
        return rule.judge(value, started_s=started_s, gaps=gaps, now_s=now_s)


class VariantAssembly(Assembly):
    """A watchdog that barks at nobody."""

    stale_rule_class = MixedUnits
