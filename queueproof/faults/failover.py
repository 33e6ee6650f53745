"""Failover: a standby takes over, the old master is gone, and every way leads to the new one.

Replication is asynchronous, so a standby may lack the last writes. `synced` says whether it had
everything when it took over; if not, what was written in the last `lag_s` seconds is lost.
"""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from queueproof.errors import HarnessError, NotAssessed
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.replication import catch_up
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.needs import StackNeeds
from queueproof.stack.redis_server import RedisServer
from queueproof.targets.redis_view import command
from queueproof.waiting import eventually

_COME_BACK_S = 5.0


@fault("failover", needs=StackNeeds(standby=True))
def failover(stack: ChaosStack, *, synced: bool = True, lag_s: float = 0.5) -> Fault:
    """Promote the standby, end the master, and lead every proxy to the new one."""
    if stack.standby is None or stack.redis.server is None:
        raise NotAssessed("failover needs a standby Redis, which only a launched stack has")
    return Failover(stack, stack.redis.server, stack.standby, lag_s=0.0 if synced else lag_s)


class Failover:
    """The new master stays: there is nothing to heal but to know that it serves."""

    def __init__(
        self, stack: ChaosStack, old: RedisServer, new: RedisServer, *, lag_s: float
    ) -> None:
        self.name = f"failover{f', the last {lag_s:g} s of writes lost' if lag_s else ''}"
        self._stack = stack
        self._old, self._new = old, new
        self._lag_s = lag_s
        self._applied = False

    async def apply(self) -> None:
        """Promote, lead over, end the old one."""
        place = self._stack.redis
        async with Redis.from_url(self._new.url(), socket_timeout=5.0) as standby:
            if self._lag_s:
                await command(standby, "REPLICAOF", "NO", "ONE")
                await asyncio.sleep(self._lag_s)
            else:
                await command(place.view.client(), "CLIENT", "PAUSE", "4000", "WRITE")
                if not await catch_up(standby, place.view.client()):
                    raise Unconfirmed(f"{self.name}: the standby does not catch up")
                await command(standby, "REPLICAOF", "NO", "ONE")
        self._applied = True
        await place.move_to(self._new, place.view.index or 0)
        self._stack.standby = None
        await self._lead_over()
        await self._old.kill()

    async def confirm(self) -> str:
        """The old one is gone, the new one is a master with connections."""
        if await self._old.answers():
            raise Unconfirmed(f"{self.name}: the old master still answers")
        clients, _ = await eventually(self._clients, bool, within_s=_COME_BACK_S)
        role = (await self._stack.redis.view.client().info("replication"))["role"]
        if role != "master" or not clients:
            raise Unconfirmed(f"{self.name}: the new one is a {role} with {clients} connections")
        return f"the old master is gone, the new one has {clients} connections"

    async def heal(self) -> None:
        """The new one serves."""
        if self._applied and not await self._stack.redis.answers():
            raise HarnessError("the Redis that took over does not answer")

    async def _clients(self) -> int:
        """Connections besides the one that asks."""
        info = await self._stack.redis.view.client().info("clients")
        return int(info["connected_clients"]) - 1

    async def _lead_over(self) -> None:
        upstream = f"127.0.0.1:{self._new.port}"
        if self._stack.redis_proxies.active:
            for redis_proxy in self._stack.redis_proxies.each:
                redis_proxy.upstream = upstream
            return
        for proxy in self._stack.proxies(None):
            await proxy.point_at(upstream)
