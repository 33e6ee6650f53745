"""Sentinels fail over: the master is killed or frozen, and they make its replica the master.

Nobody but the Sentinels tells clients of it. They are told by the address that they ask for, and a
client that keeps the old one speaks to nobody, or to a server that thinks itself the master until
the Sentinels have made it a replica: what is written there is lost.
"""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.declared_failover import DeclaredFailover
from queueproof.faults.shared.replication import catch_up
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.needs import StackNeeds
from queueproof.stack.redis_server import RedisServer
from queueproof.stack.sentinels import Sentinels
from queueproof.targets.redis_view import command
from queueproof.waiting import eventually

#: An election that came to nothing is repeated after eight seconds.
_PROMOTED_S = 30.0
#: A Sentinel corrects what comes back as a master after eight seconds at the earliest.
_CORRECTED_S = 40.0


@fault("sentinel_failover", needs=StackNeeds(sentinels=True))
def sentinel_failover(stack: ChaosStack, *, by: str = "kill") -> Fault:
    """Kill the master, or freeze it until healed; its Sentinels do the rest."""
    if by not in ("kill", "freeze"):
        raise UsageError("fault sentinel_failover: by kill or freeze")
    if stack.sentinel_servers is not None:
        return DeclaredFailover(stack, stack.sentinel_servers, frozen=by == "freeze")
    if stack.sentinels is None or stack.standby is None or stack.redis.server is None:
        raise NotAssessed(
            "sentinel_failover needs Sentinels: a launched stack has its own, a deployment names "
            "them in redis_url, and their servers in [[chaos.redis_servers]]"
        )
    return SentinelFailover(
        stack, stack.sentinels, stack.redis.server, stack.standby, frozen=by == "freeze"
    )


class SentinelFailover:
    """The replica stays the master; a frozen master is thawed, and comes back as its replica."""

    def __init__(
        self,
        stack: ChaosStack,
        sentinels: Sentinels,
        old: RedisServer,
        new: RedisServer,
        *,
        frozen: bool,
    ) -> None:
        self.name = f"Sentinels fail over from a {'frozen' if frozen else 'killed'} master"
        self._stack = stack
        self._sentinels = sentinels
        self._old, self._new = old, new
        self._index = stack.redis.view.index or 0
        self._freezing = (
            FrozenProcess(old.victim, "Redis", journal=stack.journal) if frozen else None
        )
        self._applied = False

    async def apply(self) -> None:
        """Let the replica have everything, then end or freeze the master."""
        place = self._stack.redis
        if await self._sentinels.master() != ("127.0.0.1", self._old.port):
            # They have failed over by themselves: what is lost then is no master.
            raise Unconfirmed(f"{self.name}: they tell another master before anything is done")
        async with Redis.from_url(self._new.url(), socket_timeout=5.0) as replica:
            await command(place.view.client(), "CLIENT", "PAUSE", "4000", "WRITE")
            if not await catch_up(replica, place.view.client()):
                raise Unconfirmed(f"{self.name}: the replica does not catch up")
        self._applied = True
        # Whoever looks meanwhile must not take it for a death that no fault explains.
        place.expected_up = False
        if self._freezing is not None:
            await self._freezing.apply()
        else:
            await self._old.kill()

    async def confirm(self) -> str:
        """Most Sentinels tell the replica, and it is a master."""
        await self._await_promotion()
        role = await _role(self._new)
        if role != "master":
            raise Unconfirmed(f"{self.name}: what they tell plays the role {role!r}")
        return f"the Sentinels tell 127.0.0.1:{self._new.port}, which was the replica"

    async def heal(self) -> None:
        """Follow to the new master; thaw the old one, and know that it is its replica."""
        if not self._applied:
            return
        # Without a master nothing can go on: so much longer is waited for one than for the proof.
        within_s = 0.0 if self._freezing is not None else 3 * _PROMOTED_S
        _, promoted = await eventually(self._promoted, bool, within_s=within_s)
        if self._freezing is not None:
            await self._freezing.heal()
        if promoted:
            await self._stack.redis.move_to(self._new, self._index)
            self._stack.standby = None
        elif self._freezing is None:
            raise HarnessError(f"{self.name}: there is no master any more")
        self._stack.redis.expected_up = True
        if promoted and self._freezing is not None:
            await self._await_correction()
        self._applied = False

    async def _promoted(self) -> bool:
        return await self._sentinels.master() == ("127.0.0.1", self._new.port)

    async def _await_promotion(self) -> None:
        _, promoted = await eventually(self._promoted, bool, within_s=_PROMOTED_S)
        if not promoted:
            raise Unconfirmed(f"{self.name}: they tell no new master within {_PROMOTED_S:g} s")

    async def _await_correction(self) -> None:
        async def role() -> str:
            # They close every connection to it when they correct it, ours too.
            return await _role(self._old)

        _, corrected = await eventually(role, "slave".__eq__, within_s=_CORRECTED_S)
        if not corrected:
            raise HarnessError(f"{self.name}: the old master did not become a replica")


async def _role(server: RedisServer) -> str:
    """What a server is now, master or slave; empty where it does not say."""
    async with Redis.from_url(server.url(), socket_timeout=5.0) as client:
        try:
            return str((await client.info("replication"))["role"])
        except (RedisError, OSError):
            return ""
