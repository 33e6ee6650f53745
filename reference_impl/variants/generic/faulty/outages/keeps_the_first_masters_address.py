"""Sentinels are asked for the master once, at the start, and its address is kept for good.

Seen where the address is resolved by an init container or a start script and exported: a failover
leaves every process with a server that is gone, or that has become a replica.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import ConnectionPool

from reference_impl.common.redis_pools import blocking_pool_of, pool_of, watched
from reference_impl.generic import store

SCENARIOS = {"CHAOS-222": frozenset({"OUTG-003", "OUTG-004"})}


def install() -> None:
    """Make every pool one of the first master's server."""

    def settled(url: str, **options: Any) -> ConnectionPool:
        place = watched(url)
        if place is None:
            return pool_of(url, **options)
        asked: Any = blocking_pool_of(url)
        host, port = asked.get_master_address()
        return pool_of(f"redis://{host}:{port}/{place.index}", **options)

    store.pool_of = settled  # type: ignore[attr-defined]  # as the store has it
