"""Starting whole targets with chosen settings, for cases that need another configuration."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from queueproof.config.model import LaunchConfig
from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.processes.signalling import Victim
from queueproof.stack.children import Child, start_child
from queueproof.stack.folders import new_folder, remove
from queueproof.stack.log_lines import without_colours
from queueproof.stack.ports import free_port
from queueproof.targets.http import exchange
from queueproof.targets.vantage import Vantage

#: What `ready` says of a program that is ready as soon as it listens at its port.
LISTENS = "port"
_LOOK_EVERY_S = 0.1
_CONNECTED_WITHIN_S = 2.0
_PORT_TAKEN = "address already in use"
#: A socket's path holds 104 bytes on some systems; a name in a folder of its own has 40 of them.
_LONGEST_FOLDER = 64


@dataclass(frozen=True)
class Boot:
    """What came of starting a target: it serves, or it ended or hung without serving.

    `crew` holds its workers where these are programs of their own, each a boot like this one.
    """

    child: Child
    url: str
    data: Path
    serving: bool
    took_s: float
    crew: list[Boot] = field(default_factory=list)

    @property
    def victim(self) -> Victim:
        """The program, to be signalled."""
        return Victim.started(self.child.pid)

    @property
    def refused(self) -> bool:
        """Whether the program ended by itself with an error."""
        return not self.serving and self.child.exit_code not in (None, 0)

    @property
    def output(self) -> str:
        """What the program printed, without the colours."""
        return without_colours(self.child.output)

    @property
    def logs(self) -> list[tuple[str, Path]]:
        """The files that it and its workers print to, each with a name for it."""
        workers = [(f"worker {at}", each.child.log) for at, each in enumerate(self.crew, 1)]
        return [(f"port {self.url.rpartition(':')[2]}", self.child.log), *workers]

    @property
    def last_lines(self) -> str:
        """The end of the output, in one line, for reports."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return " / ".join(lines[-3:])[-300:]

    @property
    def why_mute(self) -> str:
        """Of one that does not serve: how it ended, or how long that took, and its last words."""
        code = self.child.exit_code
        how = f"within {self.took_s:.0f} s" if code is None else f"it ended with exit code {code}"
        return f"{how}: {self.last_lines or 'it printed nothing'}"


class Launcher:
    """Starts and stops targets as a LaunchConfig tells."""

    def __init__(
        self,
        config: LaunchConfig,
        *,
        ready_path: str,
        places: Mapping[str, str] = MappingProxyType({}),
        turn: asyncio.Semaphore | None = None,
    ) -> None:
        self.config = config
        self._ready_path = config.ready or ready_path
        self._turn = turn or asyncio.Semaphore(config.at_once)
        self._places = places

    def on(self, **places: str) -> Launcher:
        """The same launcher with further braces filled in, such as `redis_port`."""
        filled = {**self._places, **places}
        return Launcher(self.config, ready_path=self._ready_path, places=filled, turn=self._turn)

    async def boot(
        self,
        settings: Mapping[str, str | None],
        *,
        data: Path | None = None,
        port: int | None = None,
        crew: int = 0,
    ) -> Boot:
        """Start a target; a setting of None is left unset.

        `data` reuses an earlier folder, `port` an earlier port. `crew` workers are started beside
        it once it serves, where they are programs of their own.
        """
        async with self._turn:
            boot = await self._start(
                self.config.command,
                self._ready_path,
                settings,
                data or self.new_data(),
                port or free_port(),
            )
            if boot.serving and self.config.worker_command:
                await asyncio.gather(*(self.hire(boot, settings) for _ in range(crew)))
            return boot

    async def hire(self, beside: Boot, settings: Mapping[str, str | None]) -> Boot:
        """Start one more worker program; it joins the crew of the target it stands beside."""
        hired = await self.boot_worker(settings, data=beside.data)
        beside.crew.append(hired)
        return hired

    async def boot_worker(
        self, settings: Mapping[str, str | None], *, data: Path, port: int | None = None
    ) -> Boot:
        """Start a worker program on the data of a target that serves already."""
        return await self._start(
            self.config.worker_command,
            self.config.worker_ready,
            settings,
            data,
            port or free_port(),
        )

    async def stop(self, boot: Boot, *, keep_data: bool = False) -> None:
        """Stop a target, whatever state it is in."""
        await asyncio.gather(*(member.child.stop() for member in [*boot.crew, boot]))
        if not keep_data:
            remove(boot.data)

    def new_data(self) -> Path:
        """A folder for one target's data, filled from the template."""
        return new_folder(
            "queueproof-target-",
            parent=self.config.data_parent,
            template=self.config.data_template,
        )

    async def _start(
        self,
        words: tuple[str, ...],
        ready: str,
        settings: Mapping[str, str | None],
        data: Path,
        port: int,
    ) -> Boot:
        fill = {**self._places, "port": str(port), "worker_port": str(port), "data": str(data)}
        merged = {**self.config.environment, **settings}
        environment = _temporary(data) | {
            name: _filled(value, fill) for name, value in merged.items() if value is not None
        }
        command = [_filled(part, fill) for part in words]
        started = time.monotonic()
        child = await start_child(
            command,
            environment=environment,
            log=data / f"target-{port}.log",
            cwd=data,
            forks=self.config.forks,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            serving = await self._await_ready(child, url, ready, started)
            if not serving and _PORT_TAKEN in child.output.lower():
                raise Inconclusive(f"port {port}, meant for the target, was taken meanwhile")
        except BaseException:
            await child.stop(grace_s=1.0)
            raise
        return Boot(child, url, data, serving, time.monotonic() - started)

    async def _await_ready(self, child: Child, url: str, ready: str, started: float) -> bool:
        """Whether the program answers at the path, prints the text, or listens, as `ready` says."""
        vantage = Vantage(url)
        try:
            while time.monotonic() - started < self.config.boot_s:
                if child.exit_code is not None:
                    return False
                if await _is_ready(child, url, ready, vantage):
                    return True
                await asyncio.sleep(_LOOK_EVERY_S)
            return False
        finally:
            await vantage.close()


async def _is_ready(child: Child, url: str, ready: str, vantage: Vantage) -> bool:
    if not ready:
        return True
    if ready == LISTENS:
        return await _listens(url)
    if not ready.startswith("/"):
        return ready in child.output
    return await _listens(url) and await _answers(vantage, ready)


async def _listens(url: str) -> bool:
    """Whether anybody does: a start is asked often, and a whole request costs twenty times this."""
    place = urlsplit(url)
    try:
        async with asyncio.timeout(_CONNECTED_WITHIN_S):
            _, writer = await asyncio.open_connection(place.hostname, place.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _answers(vantage: Vantage, path: str) -> bool:
    with suppress(TargetUnreachable):
        return (await exchange(vantage, "GET", path, within_s=2.0)).status == 200
    return False


def _temporary(data: Path) -> dict[str, str]:
    """Where its temporary files lie: with its data, so that they go though it is killed.

    The usual place, where the path would be too long for the sockets that programs make there.
    """
    folder = data.absolute() / "tmp"
    if len(str(folder)) > _LONGEST_FOLDER:
        return {}
    folder.mkdir(mode=0o700, exist_ok=True)
    return {"TMPDIR": str(folder)}


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
