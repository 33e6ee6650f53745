"""A heartbeat that cannot be read is taken for one of 1970, and costs the build its life.

``except ValueError: return 0``. A second program that writes the key in another format, or a
truncated value, and every build it touches is reclaimed; the counter of malformed heartbeats
stays at nought.
"""

from __future__ import annotations

from collections.abc import Iterable

from reference_impl.core.rules import Gap, Heartbeat, StaleRule
from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"WDOG-011", "MONI-019"})
PLAYS = ("WDOG-001", "WDOG-002", "WDOG-004")


class Forgiving(StaleRule):
    """Knows no malformed heartbeat."""

    def judge(
        self, value: str | None, *, started_s: float, gaps: Iterable[Gap], now_s: float
    ) -> Heartbeat:
        """What is no number is 0."""
        found = super().judge(value, started_s=started_s, gaps=gaps, now_s=now_s)
        return Heartbeat.STALE if found is Heartbeat.MALFORMED else found


class VariantAssembly(Assembly):
    """Kills over a typing error."""

    stale_rule_class = Forgiving
