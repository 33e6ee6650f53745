"""The monitor answers with what it had at the last look, and then looks again.

Stale-while-revalidate: whoever asks every second sees a second ago, whoever asks once sees the day
before. Nothing is ever missing, it comes one question late.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-024"})
PLAYS = ("MONI-001..002", "MONI-024")


class LateMonitor(RedisMonitor):
    """One question behind."""

    def snapshot(self) -> dict[str, Any]:
        """What the last one would have been told now."""
        now = super().snapshot()
        told: dict[str, Any] = self.__dict__.get("kept", now)
        self.__dict__["kept"] = now
        return told


class VariantAssembly(Assembly):
    """Shows it."""

    redis_monitor_class = LateMonitor
