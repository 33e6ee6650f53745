"""Two deployments on different indexes of one Redis hear each other's cancels.

Pub/Sub knows no database index. Celery's remote control spoke to every project on the server
until the channel's name got one (celery/celery #1313, #1490).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis_client import RedisPlan

FAILS = frozenset({"DBIX-006"})
PLAYS = ("DBIX-001", "CANC-003", "MONI-012")


class VariantAssembly(Assembly):
    """One channel for everybody."""

    @cached_property
    def redis_plan(self) -> RedisPlan:
        """As set; the index, which only the channel's name is made of, is always the same."""
        return replace(super().redis_plan, db=0)
