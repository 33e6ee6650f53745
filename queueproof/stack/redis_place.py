"""The Redis behind the replicas: how the harness reaches it, and how it is stopped and started.

Either a server of ours, or a deployment's, ended and brought up by its owner's commands.
"""

from __future__ import annotations

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from queueproof.config.model import ChaosConfig
from queueproof.config.sentinel_url import names_sentinels
from queueproof.errors import HarnessError, NotAssessed
from queueproof.executors.commands import run_command
from queueproof.processes.signalling import Victim
from queueproof.stack.redis_server import RedisServer
from queueproof.targets.redis_client import redis_client
from queueproof.targets.redis_view import RedisView, command
from queueproof.waiting import eventually

_BACK_WITHIN_S = 60.0
_GONE_WITHIN_S = 20.0


class RedisPlace:
    """One Redis; `view` leads straight to it, past every proxy."""

    def __init__(
        self,
        view: RedisView,
        *,
        server: RedisServer | None = None,
        config: ChaosConfig | None = None,
    ) -> None:
        self.view = view
        self.server = server
        self._config = config or ChaosConfig()
        self.expected_up = True

    @property
    def victim(self) -> Victim | None:
        """Its process on this machine, to be signalled, where it is known.

        Raises NotSignalled when `redis_pid` is no process that listens where Redis does, and
        NotAssessed where that may be another one's turn.
        """
        if self.server is not None:
            return self.server.victim
        pid = self._config.redis_pid
        if pid is not None and names_sentinels(self.view.url):
            raise NotAssessed("redis_pid is one server, and Sentinels may have made another master")
        return None if pid is None else Victim.declared(pid, "redis_pid", url=self.view.url)

    @property
    def restartable(self) -> bool:
        """Whether it can be stopped and started again."""
        return self.server is not None or bool(self._config.redis_stop and self._config.redis_start)

    @property
    def died(self) -> bool:
        """Whether a server of ours has ended though no fault ended it."""
        return self.server is not None and self.expected_up and not self.server.running

    async def stop(self, *, keep_data: bool) -> None:
        """Stop it; `keep_data` says whether a start finds what it held.

        What a deployment's own Redis keeps is its own affair: to lose data, it is emptied first.
        """
        self._must_be_restartable()
        self.expected_up = False
        if self.server is not None:
            await self.server.stop(keep_data=keep_data)
            return
        if not keep_data:
            await command(self.view.client(), "FLUSHALL")
        await run_command(self._config.redis_stop)
        _, gone = await eventually(self.answers, lambda up: not up, within_s=_GONE_WITHIN_S)
        if not gone:
            raise HarnessError("redis_stop has run, but Redis still answers")

    async def start(self) -> None:
        """Start it again and wait until it answers."""
        self._must_be_restartable()
        if self.server is not None:
            await self.server.start()
        else:
            await run_command(self._config.redis_start)
        _, back = await eventually(self.answers, bool, within_s=_BACK_WITHIN_S)
        if not back:
            raise HarnessError("Redis was started, but does not answer")
        self.expected_up = True

    async def answers(self) -> bool:
        """Whether it answers us now, over its direct address."""
        once = Retry(NoBackoff(), 0)
        async with redis_client(
            self.view.url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=once
        ) as own:
            try:
                return bool(await own.ping())
            except (RedisError, OSError):
                return False

    async def move_to(self, server: RedisServer, index: int) -> None:
        """From now on, another server of ours is the one (after a failover)."""
        await self.view.close()
        self.server = server
        self.view = RedisView(server.url(index), ours=True)

    async def close(self) -> None:
        """Let go of our connections."""
        await self.view.close()

    def _must_be_restartable(self) -> None:
        if not self.restartable:
            raise NotAssessed(
                "Redis cannot be restarted: give redis_stop and redis_start in [chaos]"
            )
