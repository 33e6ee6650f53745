"""What a chaos run disturbs: replicas with a proxy each, Redis behind them, and their processes.

Either everything is launched for the run, or a deployment of the user's is taken hold of, as its
target file tells. Faults see no difference, except that some things cannot be had: asking for
those raises NotAssessed, in words that say what would give them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from queueproof.config.model import TargetConfig
from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.executors.workforce import Workforce
from queueproof.processes.signalling import Victim
from queueproof.stack.journal import Journal
from queueproof.stack.proxies import Proxy
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_proxy.proxy import RedisProxies
from queueproof.stack.redis_server import RedisServer
from queueproof.stack.replica import Replica
from queueproof.stack.sentinel_servers import SentinelServers
from queueproof.stack.sentinels import Sentinels
from queueproof.stack.toxiproxy_api import ToxiproxyApi
from queueproof.targets.redis_view import RedisView

FindVictim = Callable[[], Awaitable[Victim]]


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
        no_redis: str = "",
        redis_proxies: RedisProxies,
        standby: RedisServer | None = None,
        sentinels: Sentinels | None = None,
        sentinel_servers: SentinelServers | None = None,
        workforce: Workforce | None = None,
        leftovers: tuple[str, ...] = (),
    ) -> None:
        self.target = target
        self.replicas = tuple(replicas)
        self.journal = journal
        self.redis_proxies = redis_proxies
        self.standby = standby
        self.sentinels = sentinels
        self.sentinel_servers = sentinel_servers
        self.workforce = workforce
        self.leftovers = leftovers
        self.victims: dict[str, FindVictim] = {}
        self._api = api
        self._redis = redis
        self._no_redis = no_redis

    @property
    def redis(self) -> RedisPlace:
        """Redis itself; raises NotAssessed when its URL is not known, or leads to no one server."""
        if self._redis is None:
            raise NotAssessed(
                self._no_redis
                or "the fault acts on Redis: give its URL (--redis-url, or QUEUEPROOF_REDIS_URL)"
            )
        return self._redis

    @property
    def view(self) -> RedisView | None:
        """A look at Redis, where its URL is known."""
        return self._redis.view if self._redis else None

    @property
    def crew(self) -> tuple[Replica, ...]:
        """The worker programs among the replicas, where workers are programs of their own."""
        return tuple(replica for replica in self.replicas if replica.label)

    async def revive(self) -> bool:
        """Start a deployment's replicas again; False where its owner gave no command for that."""
        try:
            for replica in self.replicas:
                await replica.kill()
                await replica.start()
        except NotAssessed:
            return False
        self.leftovers += ("the target was found without service and started again",)
        return True

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

    async def victim(self, victim: str, indexes: Sequence[int] | None = None) -> Victim:
        """The process that `victim` means: a registered name, or a replica's first `worker`."""
        if victim in self.victims:
            return await self.victims[victim]()
        replica = self.chosen(indexes)[0]
        if victim == "replica":
            return await replica.victim()
        if victim != "worker":
            known = ", ".join(["worker", "replica", *self.victims])
            raise UsageError(f"no victim {victim!r}; known: {known}")
        return (await replica.victims())[0]

    async def check(self) -> None:
        """Raise HarnessError when something of ours died that no fault has touched."""
        if self._api is not None:
            await self._api.version()
        if self._redis is not None and self._redis.died:
            raise HarnessError("the Redis server that we started has ended by itself")
