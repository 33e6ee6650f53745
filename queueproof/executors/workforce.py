"""The workforce of a deployment: its executor, and which of its instances stands behind a worker.

A worker is matched with an instance by where it serves, or by the name in its header; only what the
owner has declared as the executor's can be chosen so, whatever an answer says. That an instance was
ended is proven by what it serves: it serves no more, and again when it was started.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from queueproof.config.executors import COMMANDS, DOCKER
from queueproof.config.model import ExecutorConfig, TargetConfig
from queueproof.errors import CaseOutcome
from queueproof.executors.docker_engine import DockerExecutor
from queueproof.executors.executor import (
    Ability,
    Executor,
    Instance,
    not_able,
    the_one,
)
from queueproof.executors.kubernetes import KubernetesExecutor
from queueproof.executors.programs import ProgramsExecutor
from queueproof.waiting import eventually

_PORTS = {"http": 80, "https": 443}

#: Whether a fresh connection to a URL is answered at a path: as ready, or at all where it is empty.
Serves = Callable[[str, str], Awaitable[bool]]


def executor_of(target: TargetConfig) -> Executor | None:
    """What [executor] declares, else what the rows of [chaos] tell to do; None without either."""
    if target.executor is not None:
        return _made(target.executor)
    rows = (*target.chaos.replicas, *target.chaos.workers) if target.chaos else ()
    named = tuple(row for row in rows if row.start and row.url)
    return _made(ExecutorConfig(kind=COMMANDS, workers=named)) if named else None


def _made(config: ExecutorConfig) -> Executor:
    if config.kind == COMMANDS:
        return ProgramsExecutor(config)
    return DockerExecutor(config) if config.kind == DOCKER else KubernetesExecutor(config)


class Workforce:
    """An executor, with the addresses of the target; `ready_path` is answered with 200."""

    def __init__(
        self, executor: Executor, *, urls: tuple[str, ...], ready_path: str, serves: Serves
    ) -> None:
        self.executor = executor
        self._serves = serves
        self._urls = urls
        self._ready_path = ready_path

    @property
    def noun(self) -> str:
        """What reports call an instance."""
        return self.executor.noun

    def require(self, ability: Ability) -> None:
        """Raise NotAssessed, in words, for what the executor does not claim."""
        if ability not in self.executor.abilities:
            advice = self.executor.advice.get(ability, "")
            raise not_able(self.noun, ability, advice=advice)

    async def at(self, url: str) -> Instance:
        """The instance that serves at a URL; raises NotAssessed where that is not certain."""
        instances = await self.executor.instances()
        wanted = places_of(url)
        if any(wanted & one.places for one in instances if not one.leaving):
            return the_one(instances, lambda one: bool(wanted & one.places), f"{url} is served by")
        # Nothing is said of addresses (the machine's own network): then the order of the file.
        if url in self._urls and len(self._urls) == len(instances):
            return instances[self._urls.index(url)]
        return the_one(instances, lambda _: False, f"{url} is served by")

    async def named(self, words: str) -> Instance:
        """The instance that a header names, whole or among other words."""
        instances = await self.executor.instances()
        return the_one(instances, lambda one: _names(one, words), f"{words[:60]!r} names")

    async def current(self, name: str) -> Instance | None:
        """What is listed under a name now."""
        for one in await self.executor.instances():
            if one.name == name:
                return one
        return None

    async def ended(self, instance: Instance) -> bool:
        """Whether it is gone, stands still, or was started anew since it was looked at; not yet
        while it is leaving.

        False where the executor cannot see that.
        """
        now = await self.current(instance.name)
        if now is None or now.life != instance.life:
            return True
        return not now.ready and not now.leaving

    async def ready(self) -> int:
        """How many instances are ready."""
        return sum(one.ready for one in await self.executor.instances())

    async def serves(self, url: str) -> bool:
        """Whether a fresh connection to a URL is answered as ready."""
        return await self._serves(url, self._ready_path)

    async def thaw_called(self, called: str) -> bool | None:
        """Thaw what a run that was killed left standing, by its noun and name.

        Whether it was; None for what is no instance of this executor.
        """
        noun, _, name = called.partition(" ")
        if noun != self.noun:
            return None
        if await self.current(name) is None:
            return False
        try:
            await self.executor.thaw(name)
        except CaseOutcome:
            return False
        return True

    async def serving_again(self, url: str, *, within_s: float) -> bool:
        """Whether it serves at a URL within so many seconds."""
        _, serves = await eventually(lambda: self.serves(url), bool, within_s=within_s)
        return serves

    async def apart_from(self, urls: tuple[str, ...]) -> tuple[Instance, ...]:
        """The instances that serve at none of these URLs: worker programs beside a server."""
        servers = set()
        for url in urls:
            with suppress(CaseOutcome):
                servers.add((await self.at(url)).name)
        instances = await self.executor.instances()
        return tuple(one for one in instances if one.name not in servers and not one.leaving)

    async def close(self) -> None:
        """Let go of the executor."""
        await self.executor.close()


def workforce_of(target: TargetConfig, *, ready_path: str, serves: Serves) -> Workforce | None:
    """The workforce that a target file declares, if any."""
    executor = executor_of(target)
    if executor is None:
        return None
    return Workforce(executor, urls=target.urls, ready_path=ready_path, serves=serves)


def places_of(url: str) -> frozenset[str]:
    """What a URL says of where it is served: itself, its host with port, its host, and the first
    part of its host, which is a pod's name behind a headless Service.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    port = parts.port or _PORTS.get(parts.scheme, 80)
    first = host.partition(".")[0] if not _is_address(host) else host
    return frozenset({url, f"{shown}:{port}", host, first})


def _is_address(host: str) -> bool:
    return ":" in host or bool(re.fullmatch(r"[0-9.]+", host))


def _names(one: Instance, words: str) -> bool:
    """Whole words only: `queue-1` does not name `queue-10`."""
    return any(
        re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.]|-\w)", words) for name in one.names
    )
