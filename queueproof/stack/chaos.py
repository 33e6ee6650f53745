"""What a chaos run disturbs: replicas with a proxy each, Redis behind them, and their processes.

Either everything is launched for the run, or a deployment of the user's is taken hold of, as its
target file tells. Faults see no difference, except that some things cannot be had: asking for
those raises NotAssessed, in words that say what would give them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from queueproof.config.model import TargetConfig
from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.stack.journal import Journal
from queueproof.stack.needs import needs_of
from queueproof.stack.proxies import Proxy
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_server import RedisServer
from queueproof.stack.replica import Replica
from queueproof.stack.toxiproxy_api import ToxiproxyApi
from queueproof.stack.wire import Wires

Victim = Callable[[], Awaitable[int]]
Specs = Sequence[Mapping[str, object]]


class ChaosStack:
    """Everything that faults act on."""

    def __init__(
        self,
        target: TargetConfig,
        replicas: Sequence[Replica],
        *,
        journal: Journal,
        api: ToxiproxyApi | None,
        redis: RedisPlace | None,
        wires: Wires,
        standby: RedisServer | None = None,
        leftovers: tuple[str, ...] = (),
    ) -> None:
        self.target = target
        self.replicas = tuple(replicas)
        self.journal = journal
        self.wires = wires
        self.standby = standby
        self.leftovers = leftovers
        self.victims: dict[str, Victim] = {}
        self._api = api
        self._redis = redis

    @property
    def redis(self) -> RedisPlace:
        """Redis itself; raises NotAssessed when its URL is not known."""
        if self._redis is None:
            raise NotAssessed(
                "the fault acts on Redis: give its URL (--redis-url, or QUEUEPROOF_REDIS_URL)"
            )
        return self._redis

    def chosen(self, indexes: Sequence[int] | None) -> tuple[Replica, ...]:
        """The replicas at `indexes`, or all of them; raises NotAssessed for one that is not."""
        if indexes is None:
            return self.replicas
        beyond = [index for index in indexes if not 0 <= index < len(self.replicas)]
        if beyond:
            raise NotAssessed(
                f"the fault strikes replica {beyond[0]}, but there are {len(self.replicas)}"
            )
        return tuple(self.replicas[index] for index in indexes)

    def proxies(self, indexes: Sequence[int] | None) -> tuple[Proxy, ...]:
        """The proxies of those replicas; raises NotAssessed when one has none."""
        proxies = []
        for replica in self.chosen(indexes):
            if replica.proxy is None:
                raise NotAssessed(f"{replica.name} has no proxy: name one in [[chaos.replicas]]")
            proxies.append(replica.proxy)
        return tuple(proxies)

    async def pid_of(self, victim: str, indexes: Sequence[int] | None = None) -> int:
        """The process that `victim` means: a registered name, or a replica's first `worker`."""
        if victim in self.victims:
            return await self.victims[victim]()
        replica = self.chosen(indexes)[0]
        if victim == "replica":
            return await replica.master_pid()
        if victim != "worker":
            known = ", ".join(["worker", "replica", *self.victims])
            raise UsageError(f"no victim {victim!r}; known: {known}")
        return (await replica.worker_pids())[0]

    async def check(self) -> None:
        """Raise HarnessError when something of ours died that no fault has touched."""
        if self._api is not None:
            await self._api.version()
        if self._redis is not None and self._redis.died:
            raise HarnessError("the Redis server that we started has ended by itself")


def open_chaos_stack(
    target: TargetConfig,
    *,
    embedded: bool,
    redis_binary: str = "",
    replicas: int = 2,
    workers_each: int = 1,
    settings: Mapping[str, str] | None = None,
    faults: Specs = (),
) -> AbstractAsyncContextManager[ChaosStack]:
    """A stack for the body's duration, ready for the faults named; all is healed at its end.

    With `embedded`, everything is launched as `target.launch` tells; else `target.chaos` says
    what there is. Raises UsageError when Toxiproxy cannot be had, or the target may not be
    disturbed.
    """
    from queueproof.stack.chaos_declared import declared_stack
    from queueproof.stack.chaos_launched import launched_stack

    needs = needs_of(faults)
    if not embedded:
        return declared_stack(target, needs)
    return launched_stack(
        target,
        needs,
        redis_binary=redis_binary,
        replicas=replicas,
        workers_each=workers_each,
        settings=settings or {},
    )
