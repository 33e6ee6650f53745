"""Processes as a scenario names them: a worker, a job's owner, a whole replica; killed, frozen or
asked to stop.

Who the owner is, is known only while the scenario runs: victims are looked up as the fault is
applied. Bringing up a worker's successor is its master's business; a replica that was ended is
started again.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from queueproof.errors import CaseOutcome, HarnessError, NotAssessed
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.frozen_replica import FrozenReplica
from queueproof.faults.processes import EndedProcess, FrozenProcess, gone
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica
from queueproof.stack.signalling import Process, Victim
from queueproof.waiting import eventually

_DRAINED_WITHIN_S = 60.0
_STOPS_WITHIN_S = 5.0
_ENDED_WITHIN_S = 20.0

_IN_A_REPLICA = ("worker", "replica")

Make = Callable[[Victim, str], Fault]


@fault("kill")
def kill(
    stack: ChaosStack, *, process: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGKILL to the process; a whole `replica` is started again when healed."""
    if _as_a_whole(stack, process, replicas, graceful=False):
        return EndedReplica(stack.chosen(replicas or [0])[0], graceful=False)
    return ProcessFault("killed", stack, process, replicas, EndedProcess)


@fault("graceful_stop")
def graceful_stop(
    stack: ChaosStack, *, process: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGTERM to the process; a whole `replica` is started again when healed."""
    if _as_a_whole(stack, process, replicas, graceful=True):
        return EndedReplica(stack.chosen(replicas or [0])[0], graceful=True)
    return ProcessFault("asked to stop", stack, process, replicas, _ask)


@fault("freeze")
def freeze(
    stack: ChaosStack, *, process: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGSTOP to the process (all processes of a `replica`), SIGCONT when healed."""
    if process in _IN_A_REPLICA:
        replica = stack.chosen(replicas or [0])[0]
        if replica.keeper.freezes_by_command and not replica.keeper.knows_process:
            return FrozenReplica(replica, journal=stack.journal)
    return ProcessFault(
        "frozen",
        stack,
        process,
        replicas,
        lambda one, what: FrozenProcess(one, what, journal=stack.journal),
    )


def _as_a_whole(
    stack: ChaosStack, process: str, replicas: Sequence[int] | None, *, graceful: bool
) -> bool:
    """Whether the whole replica is ended: also for a worker, where no process is known."""
    if process not in _IN_A_REPLICA:
        return False
    keeper = stack.chosen(replicas or [0])[0].keeper
    alone = not keeper.knows_process and keeper.ends_by_command(graceful=graceful)
    return process == "replica" or alone


class ProcessFault:
    """The same for every process of a victim that is looked up when the fault is applied."""

    def __init__(
        self,
        what: str,
        stack: ChaosStack,
        victim: str,
        replicas: Sequence[int] | None,
        make: Make,
    ) -> None:
        self.name = f"{victim} {what}"
        self._stack = stack
        self._victim = victim
        self._replicas = replicas
        self._make = make
        self._each: list[Fault] = []

    async def apply(self) -> None:
        """Find the victim and strike."""
        for process in await self._processes():
            one = self._make(process, f"{self._victim} (process {process.pid})")
            self._each.append(one)
            await one.apply()

    async def confirm(self) -> str:
        """Every process was struck."""
        if not self._each:
            raise Unconfirmed(f"{self.name}: nobody was struck")
        return "; ".join([await one.confirm() for one in self._each])

    async def heal(self) -> None:
        """Undo each, the last first."""
        for one in reversed(self._each):
            await one.heal()
        self._each.clear()

    async def _processes(self) -> list[Victim]:
        if self._victim == "replica":
            replica = self._stack.chosen(self._replicas or [0])[0]
            master = await replica.victim()
            return [master, *(one for one in await replica.victims() if one.pid != master.pid)]
        return [await self._stack.victim(self._victim, self._replicas)]


class EndedReplica:
    """Master and workers end; healing starts the replica again at its address.

    By the owner's command where one is declared: then no process needs to be known, and what shows
    the effect is that it serves no more. Else by signals.
    """

    def __init__(self, replica: Replica, *, graceful: bool) -> None:
        self.name = f"{replica.name} {'asked to stop' if graceful else 'killed'}"
        self._replica = replica
        self._graceful = graceful
        self._by_command = replica.keeper.ends_by_command(graceful=graceful)
        self._process: Process | None = None
        self._ending: asyncio.Task[None] | None = None
        self._applied = False
        self._seen = ""

    async def apply(self) -> None:
        """Kill, or ask and do not wait: what it does while it drains is of interest.

        After a kill by command it is seen at once that it serves no more: a successor may come.
        """
        self._replica.keeper.must_be_startable()
        self._process = await self._known()
        if self._by_command and not await self._replica.serving():
            raise Unconfirmed(f"{self.name}: it does not serve even before")
        self._applied, self._replica.expected_up = True, False
        if self._graceful and self._by_command:
            self._ending = asyncio.create_task(self._replica.stop())
        elif self._graceful:
            await _ask(await self._replica.victim(), self._replica.name).apply()
        else:
            await self._killed()
            if self._by_command:
                self._seen, _ = await eventually(self._effect, bool, within_s=_ENDED_WITHIN_S)

    async def confirm(self) -> str:
        """The process is gone, or it serves no more."""
        if self._seen:
            return self._seen
        if self._ending is not None and self._ending.done():
            await self._ending
        said, _ = await eventually(self._effect, bool, within_s=_STOPS_WITHIN_S)
        if not said:
            raise Unconfirmed(f"{self.name}: it serves on")
        return said

    async def heal(self) -> None:
        """Wait for its end and start it again."""
        if not self._applied:
            return
        if self._ending is not None:
            await self._ending
        if not self._seen:
            _, is_over = await eventually(self._over, bool, within_s=_DRAINED_WITHIN_S)
            if not is_over:
                raise HarnessError(f"{self.name}: {self._named} does not end")
        await self._replica.start()
        self._applied, self._ending, self._seen = False, None, ""

    async def _killed(self) -> None:
        try:
            await self._replica.kill()
        except NotAssessed:  # nothing was done to it
            self._applied, self._replica.expected_up = False, True
            raise

    @property
    def _named(self) -> str:
        return f"process {self._process.pid}" if self._process else self._replica.name

    async def _known(self) -> Process | None:
        """Its process, to be signalled, or (ended by command) to be watched where it is known."""
        if not self._by_command:
            return await self._replica.victim()
        with suppress(CaseOutcome, HarnessError):
            pid = await self._replica.keeper.master_pid()
            return None if pid is None else Process(pid)
        return None

    async def _over(self) -> bool:
        """Whether it can be started again."""
        if self._process is not None and gone(self._process):
            return True
        if not self._by_command:
            return False
        return await self._replica.keeper.gone() or not await self._replica.serving()

    async def _effect(self) -> str:
        if self._process is not None and gone(self._process):
            return f"{self._named} is gone"
        if await self._replica.keeper.gone():
            return f"{self._named} has ended"
        if self._graceful and self._replica.label and not self._by_command:
            return f"{self._named} was told to stop and finishes what it has"
        if (self._graceful or self._by_command) and not await self._replica.serving():
            return f"{self._named} takes no new connection"
        return ""


def _ask(victim: Victim, what: str) -> Fault:
    return EndedProcess(victim, what, by=signal.SIGTERM)
