"""A hang of Redis for a second fails every build that wanted to log meanwhile.

A short socket timeout, no second attempt. A fork for a snapshot, a slow command of a neighbour,
a failover of the cloud provider's: Redis is silent for a second several times a day.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Bridge
from reference_impl.store.redis_client import RedisPlan

SCENARIOS = {"CHAOS-020": frozenset({"RESI-006"})}
ANSWER_S = 0.6


class ImpatientBridge(Bridge):
    """Asks once."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "patience_s": 0.0})


class VariantAssembly(Assembly):
    """Does not wait."""

    bridge_class = ImpatientBridge

    @cached_property
    def redis_plan(self) -> RedisPlan:
        """Little time for an answer."""
        return replace(super().redis_plan, answer_timeout_s=ANSWER_S)
