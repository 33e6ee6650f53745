"""After a restart of Redis no heartbeat is ever written: the script for it was loaded at the start.

Scripts that are run for every job are loaded again where Redis does not know them. This one was
not: its failure is counted and spoils nothing at once. Builds whose clients poll all the while are
reclaimed when the stale threshold is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference_impl.store import redis_client
from reference_impl.store.redis_client import Scripts

FAILS = frozenset({"LIFE-007"})
PLAYS = ("LIFE-005", "LIFE-006", "MONI-017")
ONCE = "touch"

_run = Scripts.run
_loaded: list[Scripts] = []


async def run(self: Scripts, name: str, *, keys: Sequence[str], args: Sequence[object]) -> Any:
    """Run one script; of the one that is loaded beforehand Redis is believed to know it."""
    if self not in _loaded:
        _loaded.append(self)
        await self.ask("SCRIPT", "LOAD", redis_client.script_source(ONCE))
    if name != ONCE:
        return await _run(self, name, keys=keys, args=args)
    question: tuple[Any, ...] = (redis_client.script_digest(name), len(keys), *keys, *args)
    return await self.ask("EVALSHA", *question)


def install() -> None:
    """For all connections of a worker."""
    Scripts.run = run  # type: ignore[method-assign]
