"""A threshold of 0, which disables the watchdog, reclaims every build at once.

``if silent > threshold`` without the one line before it. Whoever switches the watchdog off,
because their clients poll rarely, loses all builds instead of none.
"""

from __future__ import annotations

from reference_impl.core.rules import StaleRule
from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"WDOG-007"})
PLAYS = ("WDOG-001", "WDOG-002")


class Literal(StaleRule):
    """Knows no exception."""

    @property
    def enabled(self) -> bool:
        """Always."""
        return True


class VariantAssembly(Assembly):
    """Takes 0 for a very short time."""

    stale_rule_class = Literal
