"""While Redis hangs, so do requests: no timeout on its socket (Langflow 1.13, Redis frozen).

Submit and cancel hang for as long as the client waits.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis_client import RedisPlan

FAILS = frozenset({"LIFE-005"})
PLAYS = ("LIFE-005", "LIFE-006", "LIFE-007", "LIFE-008", "POLL-001", "STRM-001")
FOR_EVER_S = 600.0


class VariantAssembly(Assembly):
    """Waits for Redis."""

    @cached_property
    def redis_plan(self) -> RedisPlan:
        """All the time in the world."""
        return replace(super().redis_plan, answer_timeout_s=FOR_EVER_S)
