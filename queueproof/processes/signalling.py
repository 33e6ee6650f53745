"""Who may be signalled: a process that its owner declared, a live descendant of one, or a program
that we started; checked again in the instant of every signal.

A number alone names nobody: it may have come from another namespace or another machine, or belong
to another process by now. So a victim is a number and its time of birth, and whatever made it one
must still hold. Never signalled: process 1, queueproof itself, and whatever queueproof descends
from. Where a number was declared for a replica that serves at an address, its family must listen
at that port. What an answer of the target says is no declaration.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from queueproof.errors import Inconclusive
from queueproof.processes.sockets import listens_at

_GONE = "gone"
#: In /proc/<pid>/stat, behind the name in brackets: when the process began, in ticks since boot.
_BEGAN = 19


class NotSignalled(Inconclusive):
    """A signal was not sent, since the process is not one that we may signal."""


class ProcessKey(str):
    """A worker's key that is a process id which the operating system told, with its birth.

    A header's value, whatever it looks like, is never one.
    """

    pid: int
    birth: float

    def __new__(cls, pid: int) -> ProcessKey:
        """Raises Inconclusive when there is no such process any more."""
        key = super().__new__(cls, pid)
        key.pid, key.birth = pid, _birth(pid)
        return key

    @property
    def is_current(self) -> bool:
        """Whether the process lives (a zombie does not), and is still the one it was."""
        try:
            running = psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
            return running and _birth(self.pid) == self.birth
        except (psutil.Error, NotSignalled):
            return False


class Process:
    """A process that is watched: its number and its birth; raises NotSignalled for none."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.birth = _birth(pid)

    @property
    def status(self) -> str:
        """Its state as psutil says it; `gone` once it has ended and was waited for."""
        try:
            same = _birth(self.pid) == self.birth
            return str(psutil.Process(self.pid).status()) if same else _GONE
        except (psutil.Error, NotSignalled):
            return _GONE

    @property
    def alive(self) -> bool:
        """Whether it runs (a zombie does not)."""
        return self.status not in (_GONE, psutil.STATUS_ZOMBIE)


class Victim(Process):
    """A process that may be signalled (see the module); made by `declared`, `started`, `below`."""

    def __init__(
        self, pid: int, what: str, *, root: Victim | None, url: str, birth: float | None
    ) -> None:
        _refuse_forbidden(pid, what)
        super().__init__(pid)
        self.what = what
        self._root = root
        self._url = url
        if birth is not None and self.birth != birth:
            raise NotSignalled(f"{what} {pid} has ended, and its number is another process's now")
        self.check()

    @classmethod
    def declared(
        cls, pid: int, what: str = "process", *, url: str = "", birth: float | None = None
    ) -> Victim:
        """A process that its owner named by number; with `url`, whose family must listen there;
        with `birth`, that was already then what it is now.

        Raises NotSignalled when it may not be signalled.
        """
        return cls(pid, what, root=None, url=url, birth=birth)

    @classmethod
    def started(cls, pid: int, what: str = "process") -> Victim:
        """A program that queueproof has started and not yet waited for."""
        return cls(pid, what, root=None, url="", birth=None)

    def below(self, pid: int, what: str = "process", *, birth: float | None = None) -> Victim:
        """A descendant of this one, with the `birth` that is known of it, if one is."""
        return Victim(pid, what, root=self, url="", birth=birth)

    def family(self) -> list[Victim]:
        """This process and every live descendant, itself first."""
        self.check()
        found = [self]
        for process in descendants(self.pid):
            with suppress(NotSignalled):
                found.append(self.below(process.pid))
        return found

    def check(self) -> None:
        """Raise NotSignalled unless it may be signalled now."""
        _refuse_forbidden(self.pid, self.what)
        if self.status == _GONE:
            raise NotSignalled(f"{self.what} {self.pid} has ended")
        if self._root is not None:
            self._root.check_identity()
            if self._root.pid not in {parent.pid for parent in _parents(self.pid)}:
                raise NotSignalled(
                    f"{self.what} {self.pid} is not below {self._root.what} {self._root.pid}: "
                    "it gets no signal"
                )
        if self._url:
            _refuse_without_port(self.pid, self.what, self._url)

    def check_identity(self) -> None:
        """Raise NotSignalled where the number is forbidden or another process's by now."""
        _refuse_forbidden(self.pid, self.what)
        if self.status == _GONE:
            raise NotSignalled(f"{self.what} {self.pid} has ended")

    def send(self, number: signal.Signals) -> None:
        """Send a signal; raises NotSignalled where that may not be, or is not permitted."""
        with self._held() as deliver:
            self.check()
            deliver(number)

    def send_again(self, number: signal.Signals) -> None:
        """Send one more, such as SIGCONT, to the same process, wherever it descends from now."""
        with self._held() as deliver:
            self.check_identity()
            deliver(number)

    def send_to_family(self, number: signal.Signals) -> None:
        """Send it to this process and all below; whoever has ended meanwhile is left out."""
        members = self.family()
        self.send(number)
        for member in members[1:]:
            # Its parent may be gone by now: the same process it must be.
            with suppress(NotSignalled):
                member.send_again(number)

    @contextmanager
    def _held(self) -> Iterator[_Deliver]:
        """A way to signal this very process: what is checked meanwhile stays true of it."""
        try:
            handle = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else None
        except ProcessLookupError:
            raise NotSignalled(f"{self.what} {self.pid} has ended") from None
        except OSError:
            handle = None
        try:
            yield _Deliver(self, handle)
        finally:
            if handle is not None:
                os.close(handle)


class _Deliver:
    """Delivers a signal by the process's handle, by its number where there are no handles."""

    def __init__(self, victim: Victim, handle: int | None) -> None:
        self._victim = victim
        self._handle = handle

    def __call__(self, number: signal.Signals) -> None:
        victim = self._victim
        try:
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, number)
            else:
                os.kill(victim.pid, number)
        except ProcessLookupError:
            raise NotSignalled(f"{victim.what} {victim.pid} has ended") from None
        except PermissionError:
            raise NotSignalled(
                f"{victim.what} {victim.pid} belongs to another user: no permission to signal it"
            ) from None


def _birth(pid: int) -> float:
    """When a process began: in ticks since boot, which no change of the clock moves, or (without
    /proc) as a time.
    """
    try:
        began = psutil.Process(pid).create_time()
        with suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
            began = float(stat.rpartition(")")[2].split()[_BEGAN])
        return began
    except (psutil.Error, ValueError, OverflowError, IndexError):
        raise NotSignalled(f"there is no process {pid} on this machine") from None


def descendants(pid: int) -> list[psutil.Process]:
    """Everything below `pid`; each remembers when it began, so that it is itself or gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _parents(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).parents()
    except psutil.Error:
        return []


def _refuse_forbidden(pid: int, what: str) -> None:
    if pid <= 1:
        raise NotSignalled(f"{what} {pid} is everybody's: give the target's own process")
    if pid == os.getpid() or pid in {parent.pid for parent in psutil.Process().parents()}:
        raise NotSignalled(
            f"{what} {pid} is queueproof itself, or what has started it: give the target's own "
            "process"
        )


def _refuse_without_port(pid: int, what: str, url: str) -> None:
    place = urlsplit(url)
    port = place.port or {"https": 443, "redis": 6379, "rediss": 6379}.get(place.scheme, 80)
    family = [pid, *(child.pid for child in descendants(pid))]
    if not any(listens_at(port, one) for one in family):
        raise NotSignalled(
            f"{what} {pid} gets no signal: neither it nor a process below it listens at port "
            f"{port}, where {place.hostname} serves"
        )
    if _elsewhere(place.hostname or "") and _shares_our_network(pid):
        raise NotSignalled(
            f"{what} {pid} gets no signal: {place.hostname} is not this machine, so a process "
            "here is not its"
        )


def _elsewhere(host: str) -> bool:
    """Whether a name leads to addresses none of which is this machine's."""
    try:
        places = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError:
        return False
    for family, kind, protocol, _, address in places:
        with suppress(OSError), socket.socket(family, kind, protocol) as probe:
            probe.bind(address)
            return False
    return True


def _shares_our_network(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/ns/net").stat().st_ino == Path("/proc/self/ns/net").stat().st_ino
    except OSError:
        return True
