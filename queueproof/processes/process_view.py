"""The target's processes, where they can be seen: which are workers, and what state they are in."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from queueproof.errors import Inconclusive
from queueproof.processes.signalling import ProcessKey, Victim
from queueproof.processes.sockets import sockets_of


class Identified(Protocol):
    """A worker, as it was told apart from others."""

    @property
    def key(self) -> object:
        """What it is known by: a process, or a name that an answer gave."""


class ProcessView:
    """The process tree below `root`, the target's master process."""

    def __init__(self, root: int) -> None:
        self.root = root

    def victim(self, worker: Identified) -> Victim:
        """The process of a worker, as one that may be signalled.

        Raises Inconclusive when the workers were told apart in another way than by processes
        (a header may hold any number), or when it may not be signalled.
        """
        if not isinstance(worker.key, ProcessKey):
            raise Inconclusive(f"worker {worker} is not known by its process")
        master = Victim.declared(self.root, "process_root")
        return master.below(worker.key.pid, f"worker {worker}", birth=worker.key.birth)

    def serving(self) -> frozenset[int]:
        """Process ids of the workers: those that share a socket with their parent, for they
        inherited the listening one, and have no child that does.

        A worker that is still booting counts.
        """
        heirs = {pid: parent for pid, parent in _family(self.root) if _share_a_socket(pid, parent)}
        return frozenset(heirs.keys() - set(heirs.values()))


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def waited_s(pid: int) -> float:
    """Seconds in which the process's threads were ready to run and waited for a processor, since
    they began; 0 where the kernel does not tell (it is Linux that does).
    """
    waited_ns = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError, ValueError, IndexError):  # a thread may end meanwhile
            waited_ns += int(thread.read_text().split()[1])
    return waited_ns / 1e9


def _family(root: int) -> list[tuple[int, int]]:
    """Every process below `root` with its parent."""
    try:
        below = psutil.Process(root).children(recursive=True)
    except psutil.Error:
        return []
    family = []
    for process in below:
        with suppress(psutil.Error):
            family.append((process.pid, process.ppid()))
    return family


def _share_a_socket(pid: int, other: int) -> bool:
    return not set(sockets_of(pid)).isdisjoint(sockets_of(other))
