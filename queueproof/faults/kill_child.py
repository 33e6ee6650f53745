"""Kill a child: of a worker that runs jobs in processes of their own, one of these ends at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import psutil

from queueproof.errors import NotAssessed
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.signalled_process import EndedProcess
from queueproof.processes.signalling import Process
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica
from queueproof.waiting import eventually

#: Processes of Python's own that stand beside those that work.
_TRACKER, _FORK_SERVER = "multiprocessing.resource_tracker", "multiprocessing.forkserver"
#: A program that only starts a worker ends with it.
_GOES_ALONG_S = 1.0


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
        self._living: tuple[Process, ...] = ()
        self._lost = False

    async def apply(self) -> None:
        """Kill it; raises NotAssessed where the worker has none, or was itself what was killed."""
        master = await self._replica.victim()
        worker = worker_below(master.pid)
        child = oldest(children_at_work(worker))
        if child is None:
            raise NotAssessed(f"{self._replica.name} has no child process: it runs its jobs itself")
        self._living = (master, Process(worker))
        victim = master.below(child.pid, "a job's process")
        self._killed = EndedProcess(victim, self._replica.name)
        await self._killed.apply()
        _, self._lost = await eventually(self._worker_gone, bool, within_s=_GOES_ALONG_S)
        if self._lost:
            raise NotAssessed(
                f"{self._replica.name} ended with its child process {child.pid}: what starts it "
                "has no other child, it runs its jobs itself"
            )

    async def confirm(self) -> str:
        """It is gone, and the worker is not."""
        assert self._killed is not None
        said = await self._killed.confirm()
        if await self._worker_gone():
            raise Unconfirmed(f"{self.name}: the worker is gone, too")
        return f"{said}, below {self._replica.name}"

    async def heal(self) -> None:
        """The worker goes on; where it was itself what was killed, it is brought up again."""
        if not self._lost:
            return
        self._lost = False
        if not self._living[0].alive:
            with suppress(NotAssessed):
                self._replica.keeper.must_be_startable()
                await self._replica.start()

    async def _worker_gone(self) -> bool:
        return not all(one.alive for one in self._living)


def worker_below(pid: int) -> int:
    """The worker that `pid` has started: the last of a chain of only children that has some.

    What starts it (npm, uv, a shell) has no other child. A worker that has none looks like the
    child of one.
    """
    worker, children = pid, _children(pid)
    while len(children) == 1 and (below := _children(children[0].pid)):
        worker, children = children[0].pid, below
    return worker


def children_at_work(pid: int) -> list[psutil.Process]:
    """What may be running a job below a worker: processes without children, but no helpers."""
    found = []
    for child in _children(pid):
        found += children_at_work(child.pid) or [child]
    return found


def _children(pid: int) -> list[psutil.Process]:
    """The live children of a process; for a helper those that it has forked."""
    found: list[psutil.Process] = []
    with suppress(psutil.Error):
        parent = psutil.Process(pid)
        for child in parent.children():
            with suppress(psutil.Error):
                if _helps(child, parent):
                    found += _children(child.pid)
                elif child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child)
    return found


def _helps(child: psutil.Process, parent: psutil.Process) -> bool:
    """Whether it stands beside those that work; what a fork server forked has its command line."""
    said = " ".join(child.cmdline())
    serves = _FORK_SERVER in said and _FORK_SERVER not in " ".join(parent.cmdline())
    return serves or _TRACKER in said


def oldest(children: Sequence[psutil.Process]) -> psutil.Process | None:
    """The one that began first: of processes for one job each, that of the longest."""
    return min(children, key=lambda child: child.create_time(), default=None)
