"""The target's processes, where they can be seen: which are workers, and what state they are in."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress

import psutil

from queueproof.errors import Inconclusive
from queueproof.targets.fleet import Worker
from queueproof.targets.sockets import sockets_of

_LEADING_NUMBER = re.compile(r"\d+(?=-|$)")


class ProcessView:
    """The process tree below `root`, the target's master process."""

    def __init__(self, root: int) -> None:
        self.root = root

    def pid_of(self, worker: Worker) -> int:
        """Process id of a worker whose key is one, or begins with one as a header's may.

        Raises Inconclusive when the workers were told apart in another way.
        """
        leading = _LEADING_NUMBER.match(worker.key)
        if leading is None:
            raise Inconclusive(f"worker {worker} is not known by its process id")
        return int(leading[0])

    def is_alive(self, pid: int) -> bool:
        """Whether the process runs (a zombie does not)."""
        return alive(pid)

    def is_frozen(self, pid: int) -> bool:
        """Whether the process is stopped by a signal."""
        try:
            return psutil.Process(pid).status() == psutil.STATUS_STOPPED
        except psutil.Error:
            return False

    def serving(self) -> frozenset[int]:
        """Process ids of the workers: those that share a socket with their parent, for they
        inherited the listening one, and have no child that does.

        A worker that is still booting counts.
        """
        heirs = {pid: parent for pid, parent in _family(self.root) if _share_a_socket(pid, parent)}
        return frozenset(heirs.keys() - set(heirs.values()))

    def send(self, pid: int, number: signal.Signals) -> None:
        """Send a signal to one of the target's own processes."""
        os.kill(pid, number)


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


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
