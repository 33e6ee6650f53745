"""A time to live of a month is over at once: its milliseconds do not fit into 32 bits.

2,592,000,000 is negative there, and Redis deletes a key that shall expire in the past.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis_client import RedisPlan

FAILS = frozenset({"TTL-010"})
PLAYS = ("TTL-003",)
WORD, SIGN = 2**32, 2**31


class VariantAssembly(Assembly):
    """Counts in whole words."""

    @cached_property
    def redis_plan(self) -> RedisPlan:
        """What is left of the time to live."""
        plan = super().redis_plan
        life_ms = plan.ttl_s * 1000 % WORD
        return replace(plan, ttl_s=(life_ms - WORD if life_ms >= SIGN else life_ms) // 1000)
