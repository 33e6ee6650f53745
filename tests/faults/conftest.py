"""One Redis, one Toxiproxy and two proxies for all faults on the way to Redis and on Redis."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.processes.signalling import Victim
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.children import start_child
from queueproof.stack.journal import Journal
from queueproof.stack.proxies import Proxy
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_proxy.proxy import RedisProxies
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.stack.replica import Replica
from queueproof.stack.toxiproxy import ToxiproxyServer
from queueproof.stack.toxiproxy_binary import find_toxiproxy
from queueproof.targets.redis_view import RedisView
from queueproof.waiting import eventually

# Stands for the target: one subscriber a proxy, from a process of its own, that always comes back.
CLIENT = """
import select, socket, sys, time
lines = {}
while True:
    for port in map(int, sys.argv[1:]):
        if port not in lines:
            try:
                lines[port] = socket.create_connection(("127.0.0.1", port), timeout=1)
                lines[port].sendall(b"SUBSCRIBE news\\r\\n")
            except OSError:
                lines.pop(port, None)
    for port, line in list(lines.items()):
        try:
            if select.select([line], [], [], 0)[0]:
                heard = line.recv(65536)
                if not heard or heard.startswith(b"-"):
                    del lines[port]
        except OSError:
            del lines[port]
    time.sleep(0.01)
"""


@dataclass
class Nobody:
    """A keeper of a replica without processes."""

    clock_file: Path | None = None
    told: str = ""
    knows_process: bool = True
    freezes_by_command: bool = False
    replaces: bool = False

    async def gone(self) -> bool:
        return False

    async def runs(self) -> bool:
        return False

    async def master_pid(self) -> int | None:
        return None

    async def victim(self) -> Victim | None:
        return None

    def ends_by_command(self, *, graceful: bool) -> bool:  # noqa: ARG002  (the protocol's)
        return False

    def must_be_startable(self) -> None:
        return None

    async def start(self) -> None:
        raise AssertionError("nobody is started here")

    stop = kill = freeze = thaw = start


@dataclass
class Lab:
    """A stack without replicas' processes, and the loop it lives in."""

    stack: ChaosStack
    toxiproxy: ToxiproxyServer
    redis: RedisServer
    runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def connected(self) -> None:
        """Wait until the target's client is connected by every proxy and subscribed."""

        async def there() -> bool:
            counts = [proxy.connections() for proxy in self.stack.proxies(None)]
            return all(counts) and await self.stack.redis.view.subscribers() >= len(counts)

        _, reached = await eventually(there, bool, within_s=10.0)
        assert reached


@pytest.fixture(scope="session")
def toxiproxy_binary() -> str:
    """The server program, or a skip that says what is missing."""
    try:
        return find_toxiproxy()
    except UsageError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="package")
def lab(toxiproxy_binary: str) -> Iterator[Lab]:
    with asyncio.Runner() as runner:
        opening = _open(toxiproxy_binary, runner)
        yield runner.run(opening.__aenter__())
        runner.run(opening.__aexit__(None, None, None))


@asynccontextmanager
async def _open(binary: str, runner: asyncio.Runner) -> AsyncIterator[Lab]:
    async with AsyncExitStack() as resources:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        redis = RedisServer(find_redis_binary())
        resources.push_async_callback(redis.close)
        await redis.start()
        toxiproxy = ToxiproxyServer(binary)
        resources.push_async_callback(toxiproxy.close)
        await toxiproxy.start()
        redis_proxies = RedisProxies()
        resources.push_async_callback(redis_proxies.stop)
        replicas = []
        for index in range(2):
            redis_proxy = await redis_proxies.add(index, f"127.0.0.1:{redis.port}")
            state = await toxiproxy.api.create(f"way-{index}", upstream=redis_proxy.listen)
            proxy = Proxy.of(toxiproxy.api, state, Journal(keeps=frozenset()))
            url = "http://127.0.0.1:1"
            replicas.append(Replica(index, url, keeper=Nobody(), proxy=proxy, ready_path="/"))
        ports = [replica.proxy.listen.rpartition(":")[2] for replica in replicas if replica.proxy]
        log = folder / "client.log"
        child = await start_child([sys.executable, "-c", CLIENT, *ports], environment={}, log=log)
        resources.push_async_callback(child.stop)
        place = RedisPlace(RedisView(redis.url(1), ours=True), server=redis)
        resources.push_async_callback(place.close)
        stack = ChaosStack(
            TargetConfig(),
            replicas,
            journal=Journal(keeps=frozenset()),
            api=toxiproxy.api,
            redis=place,
            redis_proxies=redis_proxies,
        )
        yield Lab(stack, toxiproxy, redis, runner)
