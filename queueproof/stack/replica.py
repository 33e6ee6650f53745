"""One replica of the target: a master process and its workers, with a proxy of its own to Redis.
Where workers are programs beside the server, each program is a replica in this sense.

How it is killed, stopped and started is its keeper's affair: one that we launched, or one of a
deployment that its owner's commands control.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from queueproof.config.model import ReplicaConfig
from queueproof.errors import HarnessError, NotAssessed, TargetUnreachable
from queueproof.stack.children import descendants
from queueproof.stack.commands import run_command
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.processes import ProcessView, alive
from queueproof.stack.proxies import Proxy
from queueproof.targets.http import exchange
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

_SERVING_WITHIN_S = 120.0
_ANSWER_S = 2.0


class Keeper(Protocol):
    """Ends a replica and brings it up again, at the same URL."""

    clock_file: Path | None

    async def master_pid(self) -> int | None:
        """The master process, where it can be known."""

    async def start(self) -> None:
        """Bring it up; returns when the program was started."""

    async def stop(self) -> None:
        """End it gracefully."""

    async def kill(self) -> None:
        """End it at once, workers and all."""


class Replica:
    """One replica; `index` is its place in every list of replicas.

    `ready_path` is what it answers with 200 once it serves; without one, it serves when its
    process runs. `label` names a worker program. `known_pid` is the process id last heard of.
    """

    def __init__(
        self,
        index: int,
        url: str,
        *,
        keeper: Keeper,
        proxy: Proxy | None,
        ready_path: str,
        label: str = "",
    ) -> None:
        self.index = index
        self.url = url
        self.proxy = proxy
        self.keeper = keeper
        self.expected_up = True
        self.ready_path = ready_path
        self.label = label
        self.known_pid: int | None = None

    @property
    def name(self) -> str:
        """How reports call it."""
        return self.label or f"replica {self.index}"

    async def master_pid(self) -> int:
        """Its master process; raises NotAssessed where none is known."""
        self.known_pid = pid = await self.keeper.master_pid()
        if pid is None:
            raise NotAssessed(f"{self.name}: no process id; give process_root or pid_command")
        return pid

    async def worker_pids(self) -> tuple[int, ...]:
        """Its live workers; the master itself where it has none (one process does it all)."""
        master = await self.master_pid()
        return tuple(sorted(ProcessView(master).serving())) or (master,)

    async def start(self) -> None:
        """Bring it up again and wait until it serves; raises HarnessError when it does not."""
        await self.keeper.start()
        _, serving = await eventually(self.serving, bool, within_s=_SERVING_WITHIN_S)
        if not serving:
            raise HarnessError(f"{self.name} was started, but does not serve")
        self.known_pid = await self.keeper.master_pid()
        self.expected_up = True

    async def stop(self) -> None:
        """End it gracefully."""
        self.expected_up = False
        await self.keeper.stop()

    async def kill(self) -> None:
        """End it at once."""
        self.expected_up = False
        await self.keeper.kill()

    async def serving(self) -> bool:
        """Whether it answers a request now."""
        if not self.ready_path:
            pid = await self.keeper.master_pid()
            return pid is not None and alive(pid)
        vantage = Vantage(self.url)
        try:
            answer = await exchange(vantage, "GET", self.ready_path, within_s=_ANSWER_S)
        except TargetUnreachable:
            return False
        finally:
            await vantage.close()
        return answer.status == 200


class LaunchedKeeper:
    """Keeps a replica that we launch: same port, same data, same settings at every start.

    With `worker`, it is a worker program beside a server that was started before.
    """

    def __init__(
        self,
        launcher: Launcher,
        settings: dict[str, str | None],
        *,
        data: Path,
        clock_file: Path | None = None,
        worker: bool = False,
    ) -> None:
        self.clock_file = clock_file
        self.boot: Boot | None = None
        self.worker = worker
        self._launcher = launcher
        self._settings = settings
        self._data = data
        self._port: int | None = None

    @property
    def url(self) -> str:
        """Where it serves, once started."""
        assert self.boot is not None
        return self.boot.url

    async def master_pid(self) -> int | None:
        """The program we started."""
        return self.boot.child.pid if self.boot else None

    async def start(self) -> None:
        """Boot it; raises HarnessError with its last words when it does not serve."""
        start = self._launcher.boot_worker if self.worker else self._launcher.boot
        boot = await start(self._settings, data=self._data, port=self._port)
        if not boot.serving:
            await boot.child.stop(grace_s=1.0)
            raise HarnessError(f"the launched replica does not serve: {boot.last_lines}")
        self.boot = boot
        self._port = int(boot.url.rpartition(":")[2])

    async def stop(self) -> None:
        """Ask it to stop and wait for it."""
        if self.boot is not None:
            await self._launcher.stop(self.boot, keep_data=True)

    async def kill(self) -> None:
        """Kill master and workers."""
        if self.boot is not None:
            _kill_family(self.boot.child.pid)
            await self.boot.child.wait()


class DeclaredKeeper:
    """Keeps a replica of a deployment, as its row in the target file tells."""

    def __init__(self, config: ReplicaConfig) -> None:
        self._config = config
        self._name = config.url or f"the worker behind proxy {config.proxy or '(none)'}"
        self.clock_file = Path(config.clock_file) if config.clock_file else None

    async def master_pid(self) -> int | None:
        """What `pid_command` prints now, else the `process_root` that was given."""
        if self._config.pid_command:
            said = await run_command(self._config.pid_command)
            return int(said.split()[0]) if said.split() else None
        return self._config.process_root

    async def start(self) -> None:
        """Run the owner's command."""
        if not self._config.start:
            raise HarnessError(f"{self._name} cannot be started: no start command is given")
        await run_command(self._config.start)

    async def stop(self) -> None:
        """Run the owner's command, or ask the master process."""
        await self._end(self._config.stop, signal.SIGTERM)

    async def kill(self) -> None:
        """Run the owner's command, or kill the master process and its workers."""
        await self._end(self._config.kill, signal.SIGKILL)

    async def _end(self, words: tuple[str, ...], number: signal.Signals) -> None:
        if not self._config.start:
            raise NotAssessed(f"{self._name} could not be started again: give start")
        if words:
            await run_command(words)
            return
        pid = await self.master_pid()
        if pid is None:
            raise NotAssessed(f"{self._name}: give kill and stop, or process_root")
        if number is signal.SIGKILL:
            _kill_family(pid)
        else:
            os.kill(pid, number)
        await eventually(_gone(pid), bool, within_s=_SERVING_WITHIN_S)


def _kill_family(pid: int) -> None:
    for member in (pid, *descendants(pid)):
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def _gone(pid: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.Error:
            return True

    return look
