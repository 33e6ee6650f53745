"""After a SCRIPT FLUSH no build can be submitted until the worker is restarted: NOSCRIPT.

The script was loaded once and is called by its hash ever since. A failover, a restart of Redis or
a colleague's SCRIPT FLUSH, and the hash means nothing. BullMQ, Sidekiq and rq have each had it.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import script_source

SCENARIOS = {"CHAOS-034": frozenset({"RESI-007"})}


class Hashed(RedisStore):
    """Loads the script of a submit once."""

    _hash = ""

    async def _script(self, name: str, names: Any, args: Any) -> Any:
        if name != "reserve":
            return await super()._script(name, names, args)
        if not self._hash:
            self._hash = await self._ask(lambda: self.client.script_load(script_source(name)))
        return await self._ask(lambda: self.client.evalsha(self._hash, len(names), *names, *args))


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = Hashed
