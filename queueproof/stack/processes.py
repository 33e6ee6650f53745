"""The target's processes, where they can be seen: which are workers, and what state they are in."""

from __future__ import annotations

import os
import re
import signal

import psutil

from queueproof.errors import Inconclusive
from queueproof.stack.children import descendants
from queueproof.targets.fleet import Worker

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
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def is_frozen(self, pid: int) -> bool:
        """Whether the process is stopped by a signal."""
        try:
            return psutil.Process(pid).status() == psutil.STATUS_STOPPED
        except psutil.Error:
            return False

    def serving(self) -> frozenset[int]:
        """Process ids of the workers: who holds a listening socket and has no child that does.

        A worker that is still booting counts, for it inherits the socket.
        """
        listening = {pid for pid in [self.root, *descendants(self.root)] if _listens(pid)}
        return frozenset(pid for pid in listening if not listening & set(descendants(pid)))

    def send(self, pid: int, number: signal.Signals) -> None:
        """Send a signal to one of the target's own processes."""
        os.kill(pid, number)


def _listens(pid: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.Error:
        return False
    return any(connection.status == psutil.CONN_LISTEN for connection in connections)
