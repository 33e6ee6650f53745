"""Redis stops and comes back: with its data as after an orderly restart, or empty.

A canary key tells which: it must survive the one and not the other.
"""

from __future__ import annotations

import asyncio

from queueproof.errors import HarnessError, Inconclusive, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.foreign_keys import refuse_where_foreign
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_server import RedisServer

_CANARY = "queueproof:canary"


@fault("redis_restart")
def redis_restart(
    stack: ChaosStack, *, keep_data: bool = False, down_s: float = 0.0, again_after_s: float = 0.0
) -> Fault:
    """Stop Redis; it starts again after `down_s` seconds, or (0) when healed; the same once more
    `again_after_s` seconds after that, unless that is 0.
    """
    if again_after_s and not down_s:
        raise UsageError("fault redis_restart: again_after_s needs down_s")
    return RedisRestart(
        stack.redis, keep_data=keep_data, down_s=down_s, again_after_s=again_after_s
    )


class RedisRestart:
    """A stop and a start of the same server."""

    def __init__(
        self, place: RedisPlace, *, keep_data: bool, down_s: float, again_after_s: float = 0.0
    ) -> None:
        times = "twice " if again_after_s else ""
        self.name = f"Redis restarted {times}{'with' if keep_data else 'without'} its data"
        self._again_after_s = again_after_s
        self._place = place
        self._keep_data = keep_data
        self._down_s = down_s
        self._stopped = False
        self._starting: asyncio.Task[None] | None = None

    async def apply(self) -> None:
        """Leave a canary and stop it; raises NotAssessed where foreign keys would be lost."""
        if not self._keep_data:
            await refuse_where_foreign(self._place.view, await self._place.view.sizes())
        await self._place.view.client().set(_CANARY, "1", ex=600)
        self._stopped = True
        await self._place.stop(keep_data=self._keep_data)
        if self._down_s:
            self._starting = asyncio.create_task(self._start_after())

    async def confirm(self) -> str:
        """Nobody answers; or, when it is back already, the canary tells of its absence."""
        if self._starting is not None and (self._again_after_s or self._starting.done()):
            await self._starting
            times = "twice " if self._again_after_s else ""
            return f"it was stopped {times}for {self._down_s:g} s; {await self._canary()}"
        if await self._place.answers():
            raise Unconfirmed(f"{self.name}: something still answers at its address")
        return "nobody answers at its address"

    async def heal(self) -> None:
        """Have it running, with or without its data as was said."""
        if not self._stopped:
            return
        if self._starting is not None:
            await self._starting
        elif not await self._place.answers():
            await self._place.start()
        await self._canary()
        self._stopped, self._starting = False, None

    async def _start_after(self) -> None:
        await asyncio.sleep(self._down_s)
        await self._place.start()
        if self._again_after_s:
            await asyncio.sleep(self._again_after_s)
            await self._place.stop(keep_data=self._keep_data)
            await asyncio.sleep(self._down_s)
            await self._place.start()

    async def _canary(self) -> str:
        there = bool(await self._place.view.client().exists(_CANARY))
        if there is not self._keep_data:
            raise HarnessError(
                f"Redis is back {'with' if there else 'without'} its data: what it keeps over a "
                "restart is not what the fault is about"
            )
        return "its data is still there" if there else "its data is gone"


class LostRedis:
    """Stops a Redis server of ours; healing starts it again on the same port, without data."""

    def __init__(self, server: RedisServer) -> None:
        self.name = "Redis stopped, its data lost"
        self._server = server
        self._stopped = False

    async def apply(self) -> None:
        """Stop it."""
        await self._server.stop()
        self._stopped = True

    async def confirm(self) -> str:
        """Nobody answers on its port."""
        if await self._server.answers():
            raise Inconclusive(f"{self.name}: something still answers on its port")
        return f"nobody answers on port {self._server.port}"

    async def heal(self) -> None:
        """Start it again, empty."""
        if self._stopped:
            self._stopped = False
            await self._server.start()
