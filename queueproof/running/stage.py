"""What cases run on: the target itself, exclusive copies of it, and launches with other settings.

A case that disturbs the whole target must be alone on it. Where targets can be launched, such
cases get a copy of the target each (a lane), so that their waits overlap too; else they take
turns on the target itself after everybody else has finished.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import HarnessError, Inconclusive
from queueproof.history import History
from queueproof.stack.embedded import READY_PATH
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.langflow.settings import timings_under
from queueproof.targets.opening import open_system
from queueproof.targets.system import System
from queueproof.targets.witness import Witness

Settings = Mapping[str, str | None]


@dataclass
class Lane:
    """A launched copy of the target with its own Redis."""

    system: System
    boot: Boot
    redis: RedisServer
    close: AsyncExitStack


class Launch:
    """Starts targets with chosen settings for one case; everything ends with the case."""

    def __init__(self, stage: Stage, resources: AsyncExitStack) -> None:
        self._stage = stage
        self._resources = resources

    async def redis(self, *, options: tuple[str, ...] = (), password: str = "") -> RedisServer:
        """A Redis server of the case's own."""
        return await self._stage.start_redis(self._resources, options, password)

    async def attempt(
        self,
        settings: Settings | None = None,
        *,
        redis: RedisServer | None = None,
        data: Path | None = None,
    ) -> Boot:
        """Start a target and tell what came of it, be it a refusal."""
        server = redis or await self.redis()
        return await self._stage.boot(self._resources, settings or {}, server, data)

    async def system(
        self,
        settings: Settings | None = None,
        *,
        workers: int = 2,
        redis: RedisServer | None = None,
        data: Path | None = None,
    ) -> System:
        """Start a target that serves, and open it.

        Raises Inconclusive, with the program's last words, when it does not serve.
        """
        lane = await self.lane(settings, workers=workers, redis=redis, data=data)
        return lane.system

    async def lane(
        self,
        settings: Settings | None = None,
        *,
        workers: int = 2,
        redis: RedisServer | None = None,
        data: Path | None = None,
    ) -> Lane:
        """As `system`, with the means to disturb it."""
        return await self._stage.open_lane(
            self._resources, settings or {}, workers=workers, redis=redis, data=data
        )


class Stage:
    """Everything a run's cases may use; built once, closed with the run."""

    def __init__(self, config: RunConfig, history: History) -> None:
        self.config = config
        self.history = history
        self.witness = Witness(history)
        self.main: System
        self.main_lane: Lane | None = None
        self._resources = AsyncExitStack()
        self._lanes: list[Lane] = []
        self._lane_turn = asyncio.Semaphore(self.lane_count or 1)
        launch = config.target.launch
        self._launcher = Launcher(launch, ready_path=READY_PATH) if launch else None

    @property
    def lane_count(self) -> int:
        """How many disturbing cases may run side by side; 0: on the target itself, in turn."""
        launch = self.config.target.launch
        return launch.lanes if launch else 0

    async def open(self) -> None:
        """Start what must be started and open the target."""
        target = self.config.target
        await self.witness.start(target.witness_host, target.witness_port)
        self._resources.push_async_callback(self.witness.stop)
        if self.config.embedded:
            self.main_lane = await self.open_lane(self._resources, {}, workers=None)
            self.main = self.main_lane.system
        else:
            self.main = await self._resources.enter_async_context(
                open_system(target, history=self.history, witness=self.witness)
            )

    async def close(self) -> None:
        """Stop and tidy everything."""
        await self._resources.aclose()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[tuple[System, Lane | None]]:
        """A target that nobody else uses meanwhile."""
        async with self._lane_turn:
            if not self.lane_count:
                yield self.main, None
                return
            lane = self._lanes.pop() if self._lanes else await self._new_lane()
            yield lane.system, lane
            await self._reuse(lane)

    async def _new_lane(self) -> Lane:
        return await self.open_lane(self._resources, {}, workers=None)

    async def _reuse(self, lane: Lane) -> None:
        """Keep a lane for the next case only when it is as good as new."""
        if await _is_pristine(lane):
            self._lanes.append(lane)
        else:
            await lane.close.aclose()

    async def open_lane(
        self,
        resources: AsyncExitStack,
        settings: Settings,
        *,
        workers: int | None,
        redis: RedisServer | None = None,
        data: Path | None = None,
    ) -> Lane:
        """Launch the target with `settings` and open it.

        Raises Inconclusive when it does not serve; its last lines are the reason.
        """
        own = await resources.enter_async_context(AsyncExitStack())
        server = redis or await self.start_redis(own)
        if workers is not None and "LANGFLOW_WORKERS" not in settings:
            settings = {**settings, "LANGFLOW_WORKERS": str(workers)}
        boot = await self.boot(own, settings, server, data)
        if not boot.serving:
            raise Inconclusive(f"the launched target does not serve: {boot.last_lines}")
        config = self._config_of(boot, server, settings)
        system = await own.enter_async_context(
            open_system(config, history=self.history, witness=self.witness)
        )
        return Lane(system, boot, server, own)

    async def start_redis(
        self, resources: AsyncExitStack, options: tuple[str, ...] = (), password: str = ""
    ) -> RedisServer:
        """A Redis server that ends with `resources`."""
        binary = find_redis_binary(self.config.redis_binary)
        server = RedisServer(binary, options=options, password=password)
        resources.push_async_callback(server.close)
        await server.start()
        return server

    async def boot(
        self,
        resources: AsyncExitStack,
        settings: Settings,
        redis: RedisServer,
        data: Path | None = None,
    ) -> Boot:
        """Start the target's program; it ends with `resources`."""
        if self._launcher is None:
            raise HarnessError("a case launched a target without launch access")
        filled = _with_redis_port(
            {**self._launcher.config.environment, **settings}, str(redis.port)
        )
        boot = await self._launcher.boot(filled, data=data)
        resources.push_async_callback(self._launcher.stop, boot, keep_data=data is not None)
        return boot

    def _config_of(self, boot: Boot, redis: RedisServer, settings: Settings) -> TargetConfig:
        target = self.config.target
        workers = settings.get("LANGFLOW_WORKERS")
        return replace(
            target,
            urls=(boot.url,),
            redis_url=redis.url(1),
            process_root=boot.child.pid,
            disposable=True,
            workers=int(workers) if workers else target.workers,
            timings=timings_under(settings, target.timings),
        )


def _with_redis_port(settings: Settings, port: str) -> dict[str, str | None]:
    return {
        name: value.replace("{redis_port}", port) if value is not None else None
        for name, value in settings.items()
    }


async def _is_pristine(lane: Lane) -> bool:
    """Whether a lane's processes all live and every worker still answers."""
    processes = lane.system.processes
    return (
        processes is not None
        and all(processes.is_alive(processes.pid_of(worker)) for worker in lane.system.workers)
        and await lane.system.healthy()
    )
