"""Redis at its memory limit: writes are refused, or keys are evicted to make room."""

from __future__ import annotations

from redis.exceptions import OutOfMemoryError, ResponseError

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.config_change import ConfigChange, refusals
from queueproof.faults.shared.foreign_keys import refuse_where_foreign
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.journal import Journal
from queueproof.targets.redis_view import RedisView

_CANARY = "queueproof:memory"


@fault("memory_full")
def memory_full(stack: ChaosStack, *, evict: bool = False, headroom_kb: int = 0) -> Fault:
    """Limit memory to what is used now and `headroom_kb`; with `evict`, to less than that."""
    place = stack.redis
    return MemoryFull(place.view, stack.journal, evict=evict, headroom_kb=headroom_kb)


class MemoryFull:
    """`maxmemory` with `noeviction`, or with `allkeys-lru` at half of what the data takes."""

    def __init__(self, view: RedisView, journal: Journal, *, evict: bool, headroom_kb: int) -> None:
        self.name = "memory full, keys evicted" if evict else "memory full, writes refused"
        self._view = view
        self._change = ConfigChange(view, journal)
        self._evict = evict
        self._headroom = headroom_kb * 1024
        self._refused = self._evicted = 0

    async def apply(self) -> None:
        """Set the limit, and offer a write of our own that does not fit.

        Raises NotAssessed where keys would be evicted that may be other people's: it may be any.
        """
        if self._evict:
            sizes = await self._view.sizes()
            await refuse_where_foreign(self._view, sizes, instead="nothing is evicted")
        client = self._view.client(self._view.index or 0)
        self._refused = await refusals(self._view, "OOM")
        self._evicted = await self._evictions()
        memory = await client.info("memory")
        limit = int(memory["used_memory"]) + self._headroom
        if self._evict:
            limit -= int(memory["used_memory_dataset"]) // 2
        policy = "allkeys-lru" if self._evict else "noeviction"
        await self._change.make({"maxmemory-policy": policy, "maxmemory": str(max(1, limit))})
        await self._write()

    async def confirm(self) -> str:
        """Refusals or evictions, as the server counts them."""
        refused = await refusals(self._view, "OOM") - self._refused
        evicted = await self._evictions() - self._evicted
        if not (evicted if self._evict else refused):
            await self._write()
            raise Unconfirmed(f"{self.name}: {refused} refusals, {evicted} evictions")
        return f"{evicted} keys evicted" if self._evict else f"{refused} commands refused (OOM)"

    async def heal(self) -> None:
        """As much memory as before; what was evicted stays lost."""
        await self._change.undo()

    async def _write(self) -> None:
        try:
            size = self._headroom + 4096
            await self._view.client(self._view.index or 0).set(_CANARY, "x" * size, px=1)
        except (OutOfMemoryError, ResponseError):
            pass

    async def _evictions(self) -> int:
        return int((await self._view.client().info("stats"))["evicted_keys"])
