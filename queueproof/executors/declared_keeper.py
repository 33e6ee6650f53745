"""The keeper of a deployment's replica, as its owner declares: commands that end and start it."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from queueproof.config.model import ReplicaConfig
from queueproof.errors import HarnessError, Inconclusive, NotAssessed
from queueproof.executors.commands import run_command
from queueproof.processes.process_view import alive
from queueproof.processes.signalling import Victim
from queueproof.waiting import eventually

_ENDED_WITHIN_S = 120.0
_PROCESS_ID = re.compile(r"[0-9]{1,10}")


class ProcessKeeper:
    """What every keeper has in common that knows a process, or nothing."""

    told = ""
    knows_process = True
    freezes_by_command = False
    replaces = False

    @property
    def last_words(self) -> str:
        """None: what it prints is its owner's."""
        return ""

    @property
    def log(self) -> Path | None:
        """None, for the same reason."""
        return None

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


class DeclaredKeeper(ProcessKeeper):
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
        if said and not (len(said) == 1 and _PROCESS_ID.fullmatch(said[0])):
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
