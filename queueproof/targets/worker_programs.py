"""Worker programs: job workers beside the server that takes the requests, known by process.

Where the contract keeps workers behind the server's address, connections tell them
apart and this module is not used. Where they are separate programs, they are known by
what the target file says of them, or because the harness started them.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase

from queueproof.errors import Inconclusive
from queueproof.processes.signalling import Process, Victim


@dataclass(frozen=True, kw_only=True)
class WorkerProgram:
    """One worker program; `pid` is None where its process, `url` empty where its health, is not
    known. `birth` is when that process began, as far as it lived when it was named. `instance` is
    what its executor calls it, where one has it.
    """

    label: str
    pid: int | None = None
    url: str = ""
    birth: float | None = None
    instance: str = ""

    def __str__(self) -> str:
        return self.label

    @property
    def alive(self) -> bool:
        """Whether the process that was named still runs."""
        try:
            return self.victim.alive
        except Inconclusive:
            return False

    @property
    def victim(self) -> Victim:
        """Its process, to be signalled; raises Inconclusive when it is not known, or may not be."""
        if self.pid is None or self.birth is None:
            raise Inconclusive(f"the process of {self.label} is not known")
        return Victim.declared(self.pid, "worker process", birth=self.birth)


def worker_label(number: int) -> str:
    """How reports call the worker program with this number, counted from 0."""
    return f"worker {ascii_lowercase[number % 26]}"


def worker_programs_of(pids: tuple[int, ...], urls: tuple[str, ...]) -> tuple[WorkerProgram, ...]:
    """The workers a target file names, by process, by health URL, or both in the same order."""
    number = max(len(pids), len(urls))
    return tuple(
        WorkerProgram(
            label=worker_label(i),
            pid=pids[i] if i < len(pids) else None,
            url=urls[i] if i < len(urls) else "",
            birth=_birth(pids[i]) if i < len(pids) else None,
        )
        for i in range(number)
    )


def _birth(pid: int) -> float | None:
    try:
        return Process(pid).birth
    except Inconclusive:
        return None
