"""A container engine as an executor: containers by name, Compose service or label.

The engine's API is used over its socket, as DOCKER_HOST says. What the engine was told to kill it
does not start again, whatever the container's restart policy is.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from queueproof.config.model import ExecutorConfig
from queueproof.errors import Inconclusive, NotAssessed
from queueproof.executors.executor import Ability, Instance, LimitedExecutor

if TYPE_CHECKING:
    from docker.models.containers import Container

_LOG_LINES = 50
_PROJECT, _SERVICE = "com.docker.compose.project", "com.docker.compose.service"
#: Longer than any graceful stop: the engine answers when the container has ended.
_ANSWERS_WITHIN_S = 400
_STOP_S = 60.0
_SHORT_ID = 12
_IN_A_CONTAINER = Path("/.dockerenv")
#: What a port is published on that is published on every address.
_ANY = {"0.0.0.0": ("127.0.0.1", "localhost"), "::": ("[::1]",)}  # noqa: S104


class DockerExecutor(LimitedExecutor):
    """Containers, by the engine's API (see the module)."""

    noun = "container"
    advice: ClassVar[Mapping[Ability, str]] = {
        Ability.SCALE: "the number of containers is not the engine's affair"
    }
    abilities = frozenset(
        {Ability.KILL, Ability.STOP, Ability.FREEZE, Ability.START, Ability.RESTART}
        | {Ability.LOGS, Ability.ROLL}
    )

    def __init__(self, config: ExecutorConfig) -> None:
        self._config = config
        self._client: Any = None

    async def instances(self) -> tuple[Instance, ...]:
        """The containers that were named, running or not."""
        return await asyncio.to_thread(self._instances)

    async def kill(self, name: str) -> None:
        """SIGKILL to everything in it."""
        await self._do("kill", name, lambda one: one.kill())

    async def stop(self, name: str) -> None:
        """Its stop signal, and SIGKILL after `stop_s`."""
        timeout = round(self._config.stop_s or _STOP_S)
        await self._do("stop", name, lambda one: one.stop(timeout=timeout))

    async def freeze(self, name: str) -> None:
        """Pause it: no process of it runs, connections stay open."""
        await self._do("pause", name, lambda one: one.pause())

    async def thaw(self, name: str) -> None:
        """Let it run on."""
        await self._do("unpause", name, lambda one: one.unpause())

    async def start(self, name: str) -> None:
        """Start it again, with its settings, its addresses and its files."""
        await self._do("start", name, lambda one: one.start())

    async def roll(self) -> None:
        """Restart one after another."""
        for one in await self.instances():
            await self.restart(one.name)

    async def logs(self, name: str) -> str:
        """The last lines of both outputs."""
        said: list[str] = []
        await self._do(
            "logs",
            name,
            lambda one: said.append(one.logs(tail=_LOG_LINES).decode("utf-8", "replace")),
        )
        return said[0]

    async def close(self) -> None:
        """Close the connection to the engine."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _do(self, what: str, name: str, act: Callable[[Container], object]) -> None:
        await asyncio.to_thread(self._act, what, name, act)

    def _act(self, what: str, name: str, act: Callable[[Container], object]) -> None:
        container = next((one for one in self._chosen() if one.name == name), None)
        if container is None:
            raise Inconclusive(f"there is no container {name} among those of [executor]")
        _refuse_ourselves(container)
        self._asked(what, lambda: act(container))

    def _instances(self) -> tuple[Instance, ...]:
        found = [_instance(container) for container in self._chosen()]
        return tuple(sorted(found, key=lambda one: one.name))

    def _chosen(self) -> list[Container]:
        """The containers that [executor] means, and no other."""
        config, client = self._config, self._engine()
        if config.containers:
            return [self._named(client, name) for name in config.containers]
        pairs = [(_SERVICE, config.service), (_PROJECT, config.project)]
        labels = [f"{label}={value}" for label, value in pairs if value]
        labels += [config.label] if config.label else []
        found = self._asked(
            "list", lambda: client.containers.list(all=True, filters={"label": labels})
        )
        projects = {one.labels.get(_PROJECT, "") for one in found}
        if config.service and len(projects) > 1:
            raise NotAssessed(
                f"service {config.service} is in several Compose projects "
                f"({', '.join(sorted(projects))}): give project in [executor]"
            )
        return list(found)

    def _named(self, client: Any, name: str) -> Container:
        """The engine also takes the beginning of an id for a name: `db` may be a stranger's."""
        found: Container = self._asked(f"container {name}", partial(client.containers.get, name))
        is_id = len(name) >= _SHORT_ID and str(found.id).startswith(name)
        if found.name != name.removeprefix("/") and not is_id:
            raise Inconclusive(
                f"there is no container {name}: the engine means {found.name}, whose id begins so"
            )
        return found

    def _engine(self) -> Any:
        if self._client is None:
            self._client = self._asked("connect", _connected)
        return self._client

    def _asked(self, what: str, ask: Callable[[], Any]) -> Any:
        """An answer of the engine; raises Inconclusive where it has none."""
        try:
            from docker.errors import DockerException
        except ImportError:
            raise NotAssessed(
                "the executor docker needs its client: pip install 'queueproof[containers]'"
            ) from None
        try:
            return ask()
        except (DockerException, OSError) as error:
            raise Inconclusive(f"the container engine, {what}: {str(error)[:200]}") from None


def _connected() -> Any:
    import docker

    trouble = ""
    with warnings.catch_warnings():
        # A client that finds nobody leaves its socket to the collector, which complains of it.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            client = docker.from_env(timeout=_ANSWERS_WITHIN_S)
            client.ping()
        except (docker.errors.DockerException, OSError) as error:
            trouble = str(error)
        gc.collect()
    if trouble:
        raise docker.errors.DockerException(trouble)
    return client


def _instance(container: Container) -> Instance:
    state, short = container.attrs["State"], str(container.id)[:_SHORT_ID]
    settings = container.attrs.get("NetworkSettings", {})
    hostname = str(container.attrs.get("Config", {}).get("Hostname") or short)
    words = {str(container.name), short, str(container.labels.get(_SERVICE, ""))} - {""}
    return Instance(
        name=str(container.name),
        life=f"{short} {state.get('StartedAt', '')}",
        ready=bool(state.get("Running")) and not state.get("Paused"),
        places=frozenset(place.lower() for place in _places(settings) | words),
        # On the machine's own network the hostname is the machine's.
        names=frozenset(
            {short, str(container.name)} | ({hostname} if hostname == short else set())
        ),
    )


def _places(settings: Mapping[str, Any]) -> set[str]:
    """Where its addresses are, and what is published on this machine."""
    networks = (settings.get("Networks") or {}).values()
    found = {str(network.get("IPAddress") or "") for network in networks}
    for bindings in (settings.get("Ports") or {}).values():
        for row in bindings or ():
            host = str(row.get("HostIp") or "0.0.0.0")  # noqa: S104
            found |= {f"{one}:{row['HostPort']}" for one in (*_ANY.get(host, (host,)),)}
    return found - {""}


def _refuse_ourselves(container: Container) -> None:
    hostname = container.attrs.get("Config", {}).get("Hostname")
    here = socket.gethostname()
    if _IN_A_CONTAINER.exists() and (hostname == here or str(container.id).startswith(here)):
        raise NotAssessed(f"container {container.name} is where queueproof itself runs")
