"""Three Redis Sentinels on loopback that watch a master of ours and its replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.stack.children import Program, Starter, start_child
from queueproof.stack.folders import new_folder, remove
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.stack.servers import Servers
from queueproof.waiting import eventually

SERVICE = "queueproof-master"
_SENTINELS = 3
_QUORUM = 2
#: Sentinels meet each other by what they publish on the master every two seconds.
_MEET_S = 30.0
_ANSWER_S = 2.0
_LAST_WORDS = 200

Address = tuple[str, int]


async def watching(master: RedisServer, servers: Servers, resources: AsyncExitStack) -> Sentinels:
    """Sentinels that watch a master of ours, and end with `resources`.

    Raises NotAssessed where none can be had.
    """
    if servers.containers:
        raise NotAssessed("Sentinels are started as programs of this machine, not as containers")
    sentinels = Sentinels(find_redis_binary(servers.redis_binary))
    resources.push_async_callback(sentinels.stop)
    await sentinels.start(master)
    return sentinels


class Sentinels:
    """They take a master for dead that was silent for `down_after_s`, then promote a replica."""

    def __init__(
        self,
        binary: str,
        *,
        service: str = SERVICE,
        down_after_s: float = 1.0,
        password: str = "",
        start: Starter = start_child,
    ) -> None:
        self.service = service
        self.ports: tuple[int, ...] = ()
        self._binary = binary
        self._down_after_s = down_after_s
        self._password = password
        self._start = start
        self._folder = new_folder("queueproof-sentinels-")
        self._programs: list[Program] = []

    @property
    def hosts(self) -> str:
        """Their addresses, as a URL names them."""
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def url(self, index: int | None = None, *, login: str = "") -> str:
        """The URL of the master that they tell."""
        own = f"?sentinel_password={self._password}" if self._password else ""
        at = f"{login}@" if login else ""
        return (
            f"redis+sentinel://{at}{self.hosts}/{self.service}"
            + ("" if index is None else f"/{index}")
            + own
        )

    async def start(self, master: RedisServer, *, replicas: int = 1) -> None:
        """Start them and wait until each knows the others and so many replicas.

        Raises NotAssessed where this server program cannot be a Sentinel, and Inconclusive when
        they do not find each other.
        """
        self.ports = tuple(free_port() for _ in range(_SENTINELS))
        for port in self.ports:
            config = self._folder / f"{port}.conf"
            config.write_text("\n".join(self._lines(port, master)) + "\n", "ascii")
            command = [self._binary, str(config), "--sentinel"]
            log = self._folder / f"{port}.log"
            self._programs.append(await self._start(command, environment={}, log=log))

        async def met() -> bool:
            self._expect_running()
            known = await asyncio.gather(*(self._known(port) for port in self.ports))
            return all(others == _SENTINELS - 1 and seen == replicas for others, seen in known)

        _, ready = await eventually(met, bool, within_s=_MEET_S)
        if not ready:
            raise Inconclusive(f"the Sentinels did not find each other within {_MEET_S:g} s")

    async def master(self) -> Address | None:
        """The master that most of them tell; None where they do not agree."""
        told = [tell for tell in await asyncio.gather(*map(self._told, self.ports)) if tell]
        agreed = [tell for tell in set(told) if told.count(tell) >= _QUORUM]
        return agreed[0] if agreed else None

    async def stop(self) -> None:
        """End them and remove their files."""
        await asyncio.gather(*(program.stop() for program in self._programs))
        self._programs.clear()
        remove(self._folder)

    def _expect_running(self) -> None:
        for program in self._programs:
            if program.exit_code is not None:
                said = " ".join(program.output.split())[-_LAST_WORDS:]
                raise NotAssessed(f"{self._binary} cannot be a Sentinel: {said}")

    def _lines(self, port: int, master: RedisServer) -> Sequence[str]:
        name = self.service
        lines = [
            f"port {port}",
            "bind 127.0.0.1",
            f"dir {self._folder}",
            f"sentinel monitor {name} 127.0.0.1 {master.port} {_QUORUM}",
            f"sentinel down-after-milliseconds {name} {round(self._down_after_s * 1000)}",
            # An election that came to nothing is repeated after twice as long.
            f"sentinel failover-timeout {name} 4000",
            f"sentinel parallel-syncs {name} 1",
        ]
        if master.password:
            lines.append(f"sentinel auth-pass {name} {master.password}")
        if self._password:
            lines += [f"requirepass {self._password}", f"sentinel sentinel-pass {self._password}"]
        return lines

    async def _known(self, port: int) -> tuple[int, int]:
        """How many other Sentinels and how many replicas this one knows."""
        async with self._client(port) as client:
            try:
                masters: Any = await client.sentinel_masters()
                state = masters[self.service]
            except (RedisError, OSError, KeyError):
                return -1, -1
        return int(state["num-other-sentinels"]), int(state["num-slaves"])

    async def _told(self, port: int) -> Address | None:
        async with self._client(port) as client:
            try:
                told: Any = await client.sentinel_get_master_addr_by_name(self.service)
            except (RedisError, OSError):
                return None
        return (str(told[0]), int(told[1])) if told else None

    def _client(self, port: int) -> Redis:
        return Redis(
            port=port,
            password=self._password or None,
            socket_timeout=_ANSWER_S,
            decode_responses=True,
        )
