"""Heartbeats that cannot be written are dropped without being counted.

A best-effort write with ``contextlib.suppress`` around it: the poll is answered, the heartbeat
grows old, the build is reclaimed under its client, and no counter tells why.
"""

from __future__ import annotations

from contextlib import suppress

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.attention import Attention
from reference_impl.store.base import StoreUnavailable

FAILS = frozenset({"MONI-017"})
PLAYS = ("MONI-003", "MONI-018", "WDOG-004")


class BestEffort(Attention):
    """Tries."""

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat, or do not."""
        with suppress(StoreUnavailable):
            await self.store.touch(job_id)


class VariantAssembly(Assembly):
    """Hides failed heartbeats."""

    attention_class = BestEffort
