"""One replica of the target: a master process and its workers, with a proxy of its own to Redis.
Where workers are programs beside the server, each program is a replica in this sense.

How it is killed, stopped and started is its keeper's affair: one that we launched, or one of a
deployment that its owner's commands control.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from queueproof.config.model import ReplicaConfig
from queueproof.errors import HarnessError, Inconclusive, NotAssessed, TargetUnreachable
from queueproof.stack.commands import run_command
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.processes import ProcessView, alive
from queueproof.stack.proxies import Proxy
from queueproof.stack.signalling import NotSignalled, Victim
from queueproof.targets.http import exchange
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

_SERVING_WITHIN_S = 120.0
_ANSWER_S = 2.0


class Keeper(Protocol):
    """Ends a replica and brings it up again, at the same URL."""

    clock_file: Path | None

    async def master_pid(self) -> int | None:
        """The master process as it is told, where it can be known; to look at, not to signal."""

    async def victim(self) -> Victim | None:
        """The master process as one that may be signalled, where it is known.

        Raises NotSignalled for one that may not be.
        """

    def ends_by_command(self, *, graceful: bool) -> bool:
        """Whether the owner has declared a command that ends it so."""

    def must_be_startable(self) -> None:
        """Raise NotAssessed where nothing could bring it up again."""

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

    async def victim(self) -> Victim:
        """Its master process, to be signalled; raises NotAssessed where none is known,
        NotSignalled where what is told of it is no process that may be signalled.
        """
        victim = await self.keeper.victim()
        if victim is None:
            raise NotAssessed(f"{self.name}: no process id; give process_root or pid_command")
        return victim

    async def victims(self) -> list[Victim]:
        """Its live workers, to be signalled; the master itself where it has none."""
        master = await self.victim()
        serving = sorted(ProcessView(master.pid).serving())
        return [master.below(pid, "worker process") for pid in serving] or [master]

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

    async def victim(self) -> Victim | None:
        """The program we started."""
        return Victim.started(self.boot.child.pid, "master process") if self.boot else None

    def ends_by_command(self, *, graceful: bool) -> bool:  # noqa: ARG002  (the protocol's)
        """It is ended by signals."""
        return False

    def must_be_startable(self) -> None:
        """It always is."""

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
            with suppress(NotSignalled):
                Victim.started(self.boot.child.pid).send_to_family(signal.SIGKILL)
            await self.boot.child.wait()


class DeclaredKeeper:
    """Keeps a replica of a deployment, as its row in the target file tells."""

    def __init__(self, config: ReplicaConfig) -> None:
        self._config = config
        self._name = config.url or f"the worker behind proxy {config.proxy or '(none)'}"
        self.clock_file = Path(config.clock_file) if config.clock_file else None

    async def master_pid(self) -> int | None:
        """What `pid_command` prints now, else the `process_root` that was given.

        Raises Inconclusive when it prints anything but one process id.
        """
        if not self._config.pid_command:
            return self._config.process_root
        said = (await run_command(self._config.pid_command)).split()
        if said and not (len(said) == 1 and said[0].isascii() and said[0].isdigit()):
            raise Inconclusive(
                f"pid_command of {self._name} must print one process id, not "
                f"{' '.join(said)[:80]!r}"
            )
        return int(said[0]) if said else None

    async def victim(self) -> Victim | None:
        """That process, if its family listens where the replica serves (see Keeper)."""
        pid = await self.master_pid()
        what = "what pid_command prints," if self._config.pid_command else "process_root"
        return None if pid is None else Victim.declared(pid, what, url=self._config.url)

    def ends_by_command(self, *, graceful: bool) -> bool:
        """Whether `stop`, or `kill`, was given."""
        return bool(self._config.stop if graceful else self._config.kill)

    def must_be_startable(self) -> None:
        """Raise NotAssessed without a `start` command."""
        if not self._config.start:
            raise NotAssessed(f"{self._name} could not be started again: give start")

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
        self.must_be_startable()
        if words:
            await run_command(words)
            return
        victim = await self.victim()
        if victim is None:
            raise NotAssessed(f"{self._name}: give kill and stop, or process_root")
        if number is signal.SIGKILL:
            victim.send_to_family(number)
        else:
            victim.send(number)

        async def running() -> bool:
            return victim.alive

        await eventually(running, lambda runs: not runs, within_s=_SERVING_WITHIN_S)
