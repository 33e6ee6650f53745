"""Targets that a case launches for itself, with settings and a Redis of its choice."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from queueproof.clock import standing_still
from queueproof.errors import (
    Inconclusive,
    NotAssessed,
    Violation,
)
from queueproof.stack.launcher import Boot
from queueproof.stack.redis_server import RedisServer
from queueproof.targets.system import System

if TYPE_CHECKING:
    from queueproof.running.environment import Environment

Settings = Mapping[str, str | None]


@dataclass
class Lane:
    """A launched copy of the target with its own Redis."""

    system: System
    boot: Boot
    redis: RedisServer
    close: AsyncExitStack
    settings: Settings = field(default_factory=dict)


class DidNotServe(Inconclusive):
    """A launched target that ended or hung instead of serving."""

    def __init__(self, boot: Boot) -> None:
        super().__init__(f"the launched target does not serve, {boot.why_mute}")
        self.boot = boot


class Launch:
    """Starts targets with chosen settings for one case; everything ends with the case."""

    def __init__(self, environment: Environment, resources: AsyncExitStack) -> None:
        self._environment = environment
        self._resources = resources
        self.boots: list[Boot] = []

    async def redis(self, *, options: tuple[str, ...] = (), password: str = "") -> RedisServer:
        """A Redis server of the case's own."""
        return await self._environment.start_redis(self._resources, options, password)

    def folder(self) -> Path:
        """A data folder that several starts of the case share, filled as every start's own."""
        return self._environment.new_folder(self._resources)

    async def attempt(
        self,
        settings: Settings | None = None,
        *,
        redis: RedisServer | None = None,
        data: Path | None = None,
        crew: int = 0,
    ) -> Boot:
        """Start a target and tell what came of it, be it a refusal."""
        server = redis or await self.redis()
        with standing_still():
            boot = await self._environment.boot(
                self._resources, settings or {}, server, data, crew=crew
            )
        self.boots.append(boot)
        return boot

    async def hire(
        self, lane: Lane, settings: Settings | None = None, *, redis: RedisServer | None = None
    ) -> Boot:
        """Start one more worker program beside a launched target, with its settings and others.

        It ends with the target; whether it serves is the caller's to judge.
        """
        with standing_still():
            return await self._environment.hire(lane, settings or {}, redis or lane.redis)

    async def one_more_worker(self, lane: Lane) -> Boot:
        """As `hire`, with the settings of the target; raises Inconclusive where it does not serve.

        Who waits for what a new worker does would else blame the target for a start that failed.
        """
        hired = await self.hire(lane)
        if not hired.serving:
            raise Inconclusive(f"one more worker does not serve, {hired.why_mute}")
        return hired

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
        owed: str = "",
    ) -> Lane:
        """As `system`, with the means to disturb it.

        `owed` says what the contract promises to such settings: then a start that the target
        refuses is a Violation.
        """
        opening = self._environment.open_lane(
            self._resources, settings or {}, workers=workers, redis=redis, data=data
        )
        lane = await _owing(opening, owed)
        self.boots.append(lane.boot)
        return lane

    def other_queue(self) -> Settings:
        """The settings of another queue on the same Redis.

        Raises NotAssessed where the target file names none.
        """
        launch = self._environment.config.target.launch
        if launch is None or not launch.other_queue:
            raise NotAssessed(
                "how another queue is made on the same Redis is not known ([launch.other_queue])"
            )
        return dict(launch.other_queue)

    async def usual(self) -> Boot:
        """A good start, for what every start prints: the run's own, or one made for this."""
        return (await self._usual_lane()).boot

    async def usual_crew(self) -> tuple[Boot, ...]:
        """Good starts of the program and of its workers, where these are programs of their own."""
        boot = await self.usual()
        return (boot, *boot.crew)

    async def _usual_lane(self) -> Lane:
        return self._environment.main_lane or await self._environment.shared_lane({}, workers=1)

    async def shared(self, settings: Settings, *, workers: int = 2, owed: str = "") -> Lane:
        """As `lane`, used by every case that names the same settings; none may disturb it."""
        lane = await _owing(self._environment.shared_lane(settings, workers=workers), owed)
        self.boots.append(lane.boot)
        return lane


async def _owing(opening: Awaitable[Lane], owed: str) -> Lane:
    try:
        with standing_still():
            return await opening
    except DidNotServe as trouble:
        if owed and trouble.boot.refused:
            actual = f"the start is refused: {trouble.boot.last_lines}"
            raise Violation(expected=owed, actual=actual) from None
        raise
