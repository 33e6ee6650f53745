"""Where a run's Redis and Toxiproxy servers come from: programs of this machine, or containers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from queueproof.errors import UsageError
from queueproof.stack.children import Starter, start_child
from queueproof.stack.containers import (
    REDIS_IMAGE_VARIABLE,
    TOXIPROXY_IMAGE_VARIABLE,
    ContainerStarter,
    require_engine,
)
from queueproof.stack.folders import marked
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import RedisServer, find_redis_binary, has_tls
from queueproof.stack.toxiproxy import ToxiproxyServer

STACKS = ("local", "containers")
_REDIS_PROGRAM = "redis-server"
_TOXIPROXY_PROGRAM = "toxiproxy"


@dataclass(frozen=True)
class Servers:
    """Makes servers; nothing runs before they are started.

    `redis_binary` is what local servers are found by (see `find_redis_binary`); with `containers`
    the images are named by the environment.
    """

    redis_binary: str = ""
    containers: bool = False

    def redis(self, *, options: tuple[str, ...] = (), password: str = "") -> RedisServer:
        """A Redis server; raises UsageError when there is none to be had."""
        program = _REDIS_PROGRAM if self.containers else find_redis_binary(self.redis_binary)
        return RedisServer(program, options=options, password=password, start=self._redis_start)

    def toxiproxy(self) -> ToxiproxyServer:
        """A Toxiproxy server; raises UsageError when there is none to be had."""
        if not self.containers:
            return ToxiproxyServer()
        return ToxiproxyServer(_TOXIPROXY_PROGRAM, start=ContainerStarter(TOXIPROXY_IMAGE_VARIABLE))

    async def redis_has_tls(self) -> bool:
        """Whether Redis was built with TLS: it then misses a certificate here."""
        if not self.containers:
            return await has_tls(find_redis_binary(self.redis_binary))
        folder = tempfile.TemporaryDirectory(prefix=marked("queueproof-tls-"))
        options = ("--port", "0", "--tls-port", str(free_port()), "--save", "")
        with folder as name:
            log = Path(name) / "redis.log"
            program = await self._redis_start((_REDIS_PROGRAM, *options), environment={}, log=log)
            await program.wait()
            output = program.output
            await program.stop()
        return "tls-cert-file" in output

    @property
    def _redis_start(self) -> Starter:
        if not self.containers:
            return start_child
        return ContainerStarter(REDIS_IMAGE_VARIABLE, entrypoint=_REDIS_PROGRAM)


def servers_of(stack: str, redis_binary: str = "") -> Servers:
    """The servers of `--stack`; raises UsageError for one that is not known or cannot be had."""
    if stack not in STACKS:
        raise UsageError(f"--stack {stack}: known are {' and '.join(STACKS)}")
    containers = stack == "containers"
    if containers and redis_binary:
        raise UsageError("--redis names a program of this machine: it does not go with containers")
    if containers:
        require_engine()
    return Servers(redis_binary, containers)
