"""Kill a child: of a worker that runs jobs in processes of their own, one of these ends at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import psutil

from queueproof.errors import NotAssessed
from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.signalled_process import EndedProcess
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.children import descendants
from queueproof.stack.replica import Replica

#: Processes of Python's own that stand beside those that work.
_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


@fault("kill_child")
def kill_child(stack: ChaosStack, *, replicas: Sequence[int] | None = None) -> Fault:
    """SIGKILL to the oldest child of a worker program, as the kernel does it out of memory."""
    return KilledChild(stack.chosen(replicas or [0])[0])


class KilledChild:
    """The worker itself lives, and has to tell what became of the job."""

    def __init__(self, replica: Replica) -> None:
        self.name = f"a child of {replica.name} killed"
        self._replica = replica
        self._killed: EndedProcess | None = None

    async def apply(self) -> None:
        """Kill it; raises NotAssessed where the worker has none."""
        master = await self._replica.victim()
        child = oldest(children_at_work(master.pid))
        if child is None:
            raise NotAssessed(f"{self._replica.name} has no child process: it runs its jobs itself")
        victim = master.below(child.pid, "a job's process")
        self._killed = EndedProcess(victim, self._replica.name)
        await self._killed.apply()

    async def confirm(self) -> str:
        """It is gone, and the worker is not."""
        assert self._killed is not None
        return f"{await self._killed.confirm()}, below {self._replica.name}"

    async def heal(self) -> None:
        """There is nothing to heal: the worker goes on."""


def children_at_work(pid: int) -> list[psutil.Process]:
    """What may be running a job below a worker: processes without children, but no helpers."""
    found = []
    for child in descendants(pid):
        with suppress(psutil.Error):
            direct = child.ppid() == pid
            helps = any(name in " ".join(child.cmdline()) for name in _HELPERS)
            # What a fork server has forked bears its command line.
            if not child.children() and not (direct and helps):
                found.append(child)
    return found


def oldest(children: Sequence[psutil.Process]) -> psutil.Process | None:
    """The one that began first: of processes for one job each, that of the longest."""
    return min(children, key=lambda child: child.create_time(), default=None)
