"""Builds are reserved by a client that asked the Sentinels once, at the start, and stays with that.

Seen where `discover_master()` is called while settings are read, and its answer becomes host and
port of one client of several: everything works until the first failover, and reading goes on after
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reference_impl.common.redis_pools import blocking_pool_of, watched
from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import PooledScripts, RedisPlan, connect

SCENARIOS = {"CHAOS-056": frozenset({"RESI-007"})}


class FirstMaster(RedisStore):
    """Reserves on the first master alone."""

    def __init__(self, plan: RedisPlan, *, worker_id: str) -> None:
        super().__init__(plan, worker_id=worker_id)
        self._reserving = self._scripts
        if watched(plan.url) is not None:
            pool: Any = blocking_pool_of(plan.url)
            host, port = pool.get_master_address()
            alone = replace(plan, url=f"redis://{host}:{port}/{plan.db}")
            self._reserving = PooledScripts(connect(alone))

    async def _script(self, name: str, names: Sequence[str], args: Sequence[object]) -> Any:
        scripts = self._reserving if name == "reserve" else self._scripts
        return await self._ask(lambda: scripts.run(name, keys=names, args=args))


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = FirstMaster
