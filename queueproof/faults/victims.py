"""Processes as a scenario names them: a worker, a job's owner, a whole replica; killed, frozen or
asked to stop.

Who the owner is, is known only while the scenario runs: victims are looked up as the fault is
applied. Bringing up a worker's successor is its master's business; a replica that was ended is
started again.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence

from queueproof.errors import HarnessError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.processes import EndedProcess, FrozenProcess, gone
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica
from queueproof.waiting import eventually

_DRAINED_WITHIN_S = 60.0

Make = Callable[[int, str], Fault]


@fault("kill")
def kill(
    stack: ChaosStack, *, victim: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGKILL to the victim; a whole `replica` is started again when healed."""
    if victim == "replica":
        return EndedReplica(stack.chosen(replicas or [0])[0], graceful=False)
    return Struck("killed", stack, victim, replicas, EndedProcess)


@fault("graceful_stop")
def graceful_stop(
    stack: ChaosStack, *, victim: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGTERM to the victim; a whole `replica` is started again when healed."""
    if victim == "replica":
        return EndedReplica(stack.chosen(replicas or [0])[0], graceful=True)
    return Struck("asked to stop", stack, victim, replicas, _ask)


@fault("freeze")
def freeze(
    stack: ChaosStack, *, victim: str = "worker", replicas: Sequence[int] | None = None
) -> Fault:
    """SIGSTOP to the victim (all processes of a `replica`), SIGCONT when healed."""
    return Struck(
        "frozen",
        stack,
        victim,
        replicas,
        lambda pid, what: FrozenProcess(pid, what, journal=stack.journal),
    )


class Struck:
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
        for pid in await self._pids():
            one = self._make(pid, f"{self._victim} (process {pid})")
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

    async def _pids(self) -> list[int]:
        if self._victim == "replica":
            replica = self._stack.chosen(self._replicas or [0])[0]
            return [await replica.master_pid(), *await replica.worker_pids()]
        return [await self._stack.pid_of(self._victim, self._replicas)]


class EndedReplica:
    """Master and workers end; healing starts the replica again at its address."""

    def __init__(self, replica: Replica, *, graceful: bool) -> None:
        self.name = f"{replica.name} {'asked to stop' if graceful else 'killed'}"
        self._replica = replica
        self._graceful = graceful
        self._pid: int | None = None

    async def apply(self) -> None:
        """Kill, or ask and do not wait: what it does while it drains is of interest."""
        self._pid = await self._replica.master_pid()
        self._replica.expected_up = False
        if self._graceful:
            await _ask(self._pid, self._replica.name).apply()
        else:
            await self._replica.kill()

    async def confirm(self) -> str:
        """The process is gone, or it serves no more."""
        assert self._pid is not None
        if await gone(self._pid):
            return f"process {self._pid} is gone"
        if self._graceful and not await self._replica.serving():
            return f"process {self._pid} drains and takes no new connection"
        raise Unconfirmed(f"{self.name}: it serves on")

    async def heal(self) -> None:
        """Wait for its end and start it again."""
        if self._pid is None:
            return
        pid = self._pid

        async def ended() -> bool:
            return await gone(pid)

        _, is_over = await eventually(ended, bool, within_s=_DRAINED_WITHIN_S)
        if not is_over:
            raise HarnessError(f"{self.name}: process {pid} does not end")
        await self._replica.start()
        self._pid = None


def _ask(pid: int, what: str) -> Fault:
    return EndedProcess(pid, what, by=signal.SIGTERM)
