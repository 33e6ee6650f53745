"""A worker that was cut off cancels everybody's builds when it is back.

It finds builds in Redis that it does not know, takes them for orphans of its former life, and
clears them away, as a start-up routine does that was written for a single worker.
"""

from __future__ import annotations

from typing import Any, cast

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore

SCENARIOS = {"CHAOS-017": frozenset({"RESI-004", "RESI-006"})}


class Tidy(CancelDispatcher):
    """Begins every life in a clean queue."""

    def connected(self) -> None:
        """Hear signals, after a little housekeeping."""
        again = self._was_connected
        super().connected()
        if again:
            self.background.spawn(self._clear(cast(RedisStore, self.patrol.store)))

    async def _clear(self, store: RedisStore) -> None:
        names: Any = store.client.scan_iter(match=keys.record("*"), count=1000)
        async for name in names:
            record = await store.record(str(name).split(":")[2])
            if record is not None and record.worker_id != self.desk.worker_id:
                await store.signal_cancel(record, reason="cleanup")


class VariantAssembly(Assembly):
    """Listens with it."""

    dispatcher_class = Tidy
