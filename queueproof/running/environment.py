"""The environment of a run: the target, exclusive copies of it, launches with other settings.

A case that disturbs the whole target must be alone on it. Where targets can be launched, such
cases get a copy of the target each (a lane), so that their waits overlap too; else they take
turns on the target itself after everybody else has finished.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from queueproof.config.mapping import publishable
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import (
    HarnessError,
    QueueproofError,
)
from queueproof.history import History
from queueproof.processes.process_view import alive
from queueproof.processes.signalling import ProcessKey
from queueproof.running.launch import DidNotServe, Lane, Settings
from queueproof.running.quiescence import come_to_rest, still_serves
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.old_faults import heal_old_faults
from queueproof.stack.own_redis import own_redis
from queueproof.stack.redis_server import RedisServer
from queueproof.stack.servers import servers_of
from queueproof.targets.contracts import contract_named, ready_of
from queueproof.targets.opening import open_system
from queueproof.targets.system import System
from queueproof.targets.transports import directly
from queueproof.targets.witness import Witness


class Environment:
    """Everything a run's cases may use; built once, closed with the run."""

    def __init__(self, config: RunConfig, history: History) -> None:
        self.config = config
        self.history = history
        self.witness = Witness(history)
        self.servers = servers_of(config.stack, config.redis_binary)
        self.notes: list[str] = []
        self.main: System
        self.main_lane: Lane | None = None
        self._main_in_doubt = False
        self._resources = AsyncExitStack()
        self._lanes: list[Lane] = []
        self._shared: dict[str, asyncio.Task[Lane]] = {}
        self._lane_turn = asyncio.Semaphore(self.later_lane_count or 1)
        launch = config.target.launch
        self._contract = contract_named(config.target.contract)
        ready = ready_of(config.target)
        self._launcher = Launcher(launch, ready_path=ready) if launch else None

    @property
    def lane_count(self) -> int:
        """How many disturbing cases may run side by side; 0: on the target itself, in turn."""
        launch = self.config.target.launch
        return launch.lanes if launch else 0

    @property
    def later_lane_count(self) -> int:
        """The same once no other cases run: what a machine can bear its owner says."""
        launch = self.config.target.launch
        return max(launch.lanes, launch.later_lanes) if launch and launch.lanes else 0

    async def open(self) -> None:
        """Start what must be started and open the target."""
        target = self.config.target
        await self.witness.start_for(target)
        self._resources.push_async_callback(self.witness.stop)
        if self._launcher is not None:
            own = await own_redis(self._launcher.config, self.servers, self._resources)
            self._launcher = self._launcher.on(**own)
        if self.config.embedded:
            self.main_lane = await self.open_lane(self._resources, {}, workers=None)
            self.main = self.main_lane.system
        else:
            self.notes += await heal_old_faults(target)
            self.main = await self._resources.enter_async_context(
                open_system(target, history=self.history, witness=self.witness, notes=self.notes)
            )
        if target.mapping is not None:
            self.history.note("mapping", "as declared", **publishable(target.mapping))

    async def close(self) -> None:
        """Stop and tidy everything, the lanes side by side."""
        shared = [task.result() for task in self._shared.values() if _is_lane(task)]
        lanes = [*self._lanes, *shared, *([self.main_lane] if self.main_lane else [])]
        await asyncio.gather(*(lane.close.aclose() for lane in lanes), return_exceptions=True)
        await self._resources.aclose()

    @asynccontextmanager
    async def exclusive(self, *, destructive: bool) -> AsyncIterator[tuple[System, Lane | None]]:
        """A target that nobody else uses meanwhile; `destructive`: it may not survive the case."""
        async with self._lane_turn:
            if not self.lane_count:
                await self._renew_main()
                await come_to_rest(self.main)
                self._main_in_doubt |= destructive
                try:
                    yield self.main, None
                finally:
                    if self.main.workforce is not None:
                        await _meet_again(self.main)
                return
            lane = self._lanes.pop() if self._lanes else await self._new_lane()
            yield lane.system, lane
            as_new = await _is_pristine(lane)
            if as_new:
                self._lanes.append(lane)
        if not as_new:
            await lane.close.aclose()

    async def _renew_main(self) -> None:
        """Launch the target anew where a case has left it without service.

        The next case would blame nobody for that, and judge nothing.
        """
        if self.main_lane is None or not self._main_in_doubt:
            return
        if not await still_serves(self.main):
            await self.replace_main()
        self._main_in_doubt = False

    async def replace_main(self) -> bool:
        """Launch the target anew where the run has launched it; returns whether it has.

        The one that was is given up.
        """
        if self.main_lane is None:
            return False
        await self.main_lane.close.aclose()
        self.main_lane = await self._new_lane()
        self.main = self.main_lane.system
        return True

    async def _new_lane(self) -> Lane:
        return await self.open_lane(self._resources, {}, workers=None)

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
        setting = self._contract.workers_setting
        if workers is not None and setting and setting not in settings:
            settings = {**settings, setting: str(workers)}
        crew = self.config.target.workers if workers is None else workers
        boot = await self.boot(own, settings, server, data, crew=crew or 0)
        mute = next((one for one in [boot, *boot.crew] if not one.serving), None)
        if mute is not None:
            raise DidNotServe(mute)
        config = self._config_of(boot, server, settings)
        system = await own.enter_async_context(
            open_system(config, history=self.history, witness=self.witness, launched=True)
        )
        system.is_ours = True
        return Lane(system, boot, server, own, settings)

    async def shared_lane(self, settings: Settings, *, workers: int) -> Lane:
        """The lane with these settings, launched by whoever asks first; it ends with the run."""
        key = repr((workers, sorted(settings.items())))
        if key not in self._shared:
            opening = self.open_lane(self._resources, settings, workers=workers)
            self._shared[key] = asyncio.create_task(opening)
        return await asyncio.shield(self._shared[key])

    def new_folder(self, resources: AsyncExitStack) -> Path:
        """A data folder that ends with `resources`."""
        if self._launcher is None:
            raise HarnessError("a case launched a target without launch access")
        folder = self._launcher.new_data()
        resources.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder

    async def start_redis(
        self, resources: AsyncExitStack, options: tuple[str, ...] = (), password: str = ""
    ) -> RedisServer:
        """A Redis server that ends with `resources`."""
        server = self.servers.redis(options=options, password=password)
        resources.push_async_callback(server.close)
        await server.start()
        return server

    async def boot(
        self,
        resources: AsyncExitStack,
        settings: Settings,
        redis: RedisServer,
        data: Path | None = None,
        *,
        crew: int = 0,
    ) -> Boot:
        """Start the target's program; it ends with `resources`."""
        launcher = self._launcher
        if launcher is None:
            raise HarnessError("a case launched a target without launch access")
        base = {**launcher.config.environment, **self.config.settings}
        filled = _with_redis_port({**base, **settings}, str(redis.port))
        launcher = launcher.on(redis_port=str(redis.port))
        boot = await launcher.boot(filled, data=data, crew=crew)
        resources.push_async_callback(launcher.stop, boot, keep_data=data is not None)
        return boot

    async def hire(self, lane: Lane, settings: Settings, redis: RedisServer) -> Boot:
        """Start one more worker program beside a lane's target."""
        if self._launcher is None:
            raise HarnessError("a case launched a worker without launch access")
        base = {**self._launcher.config.environment, **self.config.settings}
        merged = {**base, **lane.settings, **settings}
        launcher = self._launcher.on(redis_port=str(redis.port))
        return await launcher.hire(lane.boot, _with_redis_port(merged, str(redis.port)))

    def _health_of(self, boot: Boot) -> tuple[str, ...]:
        """Where the health of a launched target's workers answers; unknown if they only print."""
        launch = self.config.target.launch
        answers = launch is not None and launch.worker_ready.startswith("/")
        return tuple(member.url for member in boot.crew) if answers else ()

    def _config_of(self, boot: Boot, redis: RedisServer, settings: Settings) -> TargetConfig:
        target = self.config.target
        workers = settings.get(self._contract.workers_setting)
        return replace(
            directly(target),
            urls=(boot.url,),
            redis_url=redis.url(self._contract.redis_index),
            redis_ours=True,
            process_root=boot.child.pid,
            worker_processes=tuple(member.child.pid for member in boot.crew),
            worker_urls=self._health_of(boot),
            disposable=True,
            workers=int(workers) if workers else target.workers,
            timings=self._contract.timings_under(settings, target.timings),
        )


async def _meet_again(system: System) -> None:
    """What an executor had ended serves again: its URLs are looked at, its workers met."""
    fleet, wanted = system.fleet, len(system.workers) + system.vacancies
    with suppress(QueueproofError):
        await fleet.look_at_urls()
        if system.vacancies:
            await fleet.discover(expected=wanted)
    if len(system.workers) >= wanted:
        system.vacancies = 0


def _is_lane(task: asyncio.Task[Lane]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _with_redis_port(settings: Settings, port: str) -> dict[str, str | None]:
    return {
        name: value.replace("{redis_port}", port) if value is not None else None
        for name, value in settings.items()
    }


async def _is_pristine(lane: Lane) -> bool:
    """Whether a lane's processes all live, every worker was met, and nothing is under way."""
    system = lane.system
    if system.processes is None or not await system.healthy():
        return False
    if not _all_alive(system):
        return False
    fleet = system.fleet
    if len(fleet.workers) < fleet.found:  # one was killed: its successor was perhaps not met yet
        with suppress(QueueproofError):
            await fleet.discover(expected=fleet.found)
    return len(fleet.workers) >= fleet.found and await come_to_rest(system)


def _all_alive(system: System) -> bool:
    keys = [worker.key for worker in system.workers]
    workers = [isinstance(key, ProcessKey) and key.is_current for key in keys]
    return all([*workers, *(alive(member.pid) for member in system.crew if member.pid)])
