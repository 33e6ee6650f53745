"""A write whose acknowledgement was lost is written again behind itself (a retried XADD).

The stream gives out the next free ID, so nothing tells a repetition from a new event; whoever
reads gets the tick twice. Undisturbed, nobody can see it.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import script_source

SCENARIOS = {"CHAOS-015": frozenset({"RESI-003"})}
GIVEN = "local first = tonumber(ARGV[2])"
NEXT_FREE = "local first = seq + 1"


class Appending(RedisStore):
    """Writes at the end, wherever that is by now."""

    async def _script(self, name: str, names: Any, args: Any) -> Any:
        if name != "append":
            return await super()._script(name, names, args)
        source = script_source(name).replace(GIVEN, NEXT_FREE)
        return await self._ask(lambda: self.client.eval(source, len(names), *names, *args))


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = Appending
