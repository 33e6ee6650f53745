"""Who ends a replica and brings it up again: us, where we launched it, or its owner's commands."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from queueproof.config.model import ReplicaConfig
from queueproof.errors import HarnessError, Inconclusive, NotAssessed
from queueproof.stack.commands import run_command
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.processes import alive
from queueproof.stack.signalling import NotSignalled, Victim
from queueproof.waiting import eventually

_ENDED_WITHIN_S = 120.0
#: How long a supervisor waits before it starts again what has ended.
_RESTARTED_AFTER_S = 0.5


class _ByProcess:
    """What every keeper has in common that knows a process, or nothing."""

    told = ""
    knows_process = True
    freezes_by_command = False
    replaces = False

    async def master_pid(self) -> int | None:
        """See Keeper."""
        raise NotImplementedError

    async def runs(self) -> bool:
        """Whether the process lives, where it is known."""
        pid = await self.master_pid()
        return pid is not None and alive(pid)

    async def gone(self) -> bool:
        """Its process tells."""
        return False

    async def freeze(self) -> None:
        """By a signal to its processes, which faults send."""
        raise HarnessError("a replica that is known by its process is frozen by a signal")

    async def thaw(self) -> None:
        """By a signal to its processes, which faults send."""


class LaunchedKeeper(_ByProcess):
    """Keeps a replica that we launch: same port, same data, same settings at every start.

    With `worker`, it is a worker program beside a server that was started before. A supervised one
    is started again whenever it ends, but by `stop`.
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
        self._starting = asyncio.Lock()
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it serves, once started."""
        assert self.boot is not None
        return self.boot.url

    @property
    def current_pid(self) -> int | None:
        """The program we started."""
        return self.boot.child.pid if self.boot else None

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
        """Boot it, unless its supervisor was quicker; raises HarnessError with its last words when
        it does not serve.
        """
        async with self._starting:
            # A program that has ended may be told here a moment later than by the process table.
            if self._supervisor is None or self.boot is None or not alive(self.boot.child.pid):
                await self._boot()
        if self.worker and self._launcher.config.supervised and self._supervisor is None:
            self._supervisor = asyncio.create_task(self._supervise())

    async def _supervise(self) -> None:
        """Start it again, as often as it ends, until it is stopped."""
        while True:
            assert self.boot is not None
            await self.boot.child.wait()
            await asyncio.sleep(_RESTARTED_AFTER_S)
            with suppress(HarnessError):
                await self.start()

    async def _boot(self) -> None:
        start = self._launcher.boot_worker if self.worker else self._launcher.boot
        boot = await start(self._settings, data=self._data, port=self._port)
        if not boot.serving:
            await boot.child.stop(grace_s=1.0)
            raise HarnessError(f"the launched replica does not serve: {boot.last_lines}")
        self.boot = boot
        self._port = int(boot.url.rpartition(":")[2])

    async def stop(self) -> None:
        """Ask it to stop and wait for it."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
            self._supervisor = None
        if self.boot is not None:
            await self._launcher.stop(self.boot, keep_data=True)

    async def kill(self) -> None:
        """Kill master and workers."""
        if self.boot is not None:
            with suppress(NotSignalled):
                Victim.started(self.boot.child.pid).send_to_family(signal.SIGKILL)
            await self.boot.child.wait()


class DeclaredKeeper(_ByProcess):
    """Keeps a replica of a deployment, as its row in the target file tells."""

    def __init__(self, config: ReplicaConfig) -> None:
        self._config = config
        self._name = config.url or f"the worker behind proxy {config.proxy or '(none)'}"
        self.clock_file = Path(config.clock_file) if config.clock_file else None
        self.knows_process = bool(config.process_root or config.pid_command)
        self.freezes_by_command = bool(config.freeze and config.thaw)

    @property
    def current_pid(self) -> int | None:
        """None: its owner must be asked."""
        return None

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

    async def freeze(self) -> None:
        """Run the owner's command."""
        await run_command(self._config.freeze)

    async def thaw(self) -> None:
        """Run the owner's command."""
        await run_command(self._config.thaw)

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

        await eventually(running, lambda runs: not runs, within_s=_ENDED_WITHIN_S)
