"""Which process holds the other end of a connection, from the operating system's own tables."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

_PROC = Path("/proc")
_ESTABLISHED, _LISTENING = "01", "0A"
_SOCKET = "socket:["
# Columns of the tables: a connection's own address, and that of its other end.
_LOCAL, _REMOTE = 1, 2


def holders_of(ports: Collection[int], pids: Collection[int]) -> dict[int, int]:
    """For each remote port in `ports`: which of `pids` is connected to it, if any is.

    All of `pids` share one network namespace, that of the last.

    On Linux the tables are read once for all processes; asking process by process costs a
    tenth of a second on a machine with many sockets, which many cases at once cannot afford.
    """
    if _PROC.joinpath("self/net/tcp").exists():
        return _by_proc(set(ports), pids)
    return _by_psutil(set(ports), pids)


def owner_of(port: int, pids: Collection[int]) -> int | None:
    """Which of `pids` has a connection from its own `port`; None where the system has no /proc.

    The tables are read once a network namespace: on a machine with much memory the kernel takes
    ten milliseconds to walk through them, be they ever so empty.
    """
    inodes: dict[str, set[str]] = {}
    for pid in pids:
        namespace = _namespace_of(pid)
        if namespace not in inodes:
            inodes[namespace] = {inode for inode, _ in _inodes({port}, pid, _LOCAL)}
        if inodes[namespace] and not inodes[namespace].isdisjoint(sockets_of(pid)):
            return pid
    return None


def listens_at(port: int, pid: int) -> bool:
    """Whether a process listens at a port, in its own network namespace.

    False as well where its sockets cannot be seen, as those of another user's process.
    """
    if not _PROC.joinpath("self/net/tcp").exists():
        return _listens_by_psutil(port, pid)
    inodes = {inode for inode, _ in _inodes({port}, pid, _LOCAL, state=_LISTENING)}
    return bool(inodes) and not inodes.isdisjoint(sockets_of(pid))


def _by_proc(ports: set[int], pids: Collection[int]) -> dict[int, int]:
    wanted = {inode: port for pid in [*pids][-1:] for inode, port in _inodes(ports, pid)}
    found = {}
    for pid in pids:
        for inode in sockets_of(pid):
            if inode in wanted:
                found[wanted[inode]] = pid
    return found


def _inodes(
    ports: set[int], pid: int, side: int = _REMOTE, *, state: str = _ESTABLISHED
) -> Iterator[tuple[str, int]]:
    """Sockets in the network namespace of `pid` whose port on that side is in `ports`."""
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in _PROC.joinpath(str(pid), "net", table).read_text().splitlines()[1:]:
                fields = line.split()
                port = int(fields[side].rpartition(":")[2], 16)
                if port in ports and fields[3] == state:
                    yield fields[9], port


def _namespace_of(pid: int) -> str:
    """What the kernel calls a process's network namespace; its own name where that is hidden."""
    try:
        return os.readlink(_PROC / str(pid) / "ns" / "net")  # noqa: PTH115  (no file is there)
    except OSError:
        return str(pid)


def sockets_of(pid: int) -> Iterator[str]:
    """Inodes of the sockets that a process has open; none where the system has no /proc."""
    with suppress(OSError), os.scandir(_PROC / str(pid) / "fd") as entries:
        for entry in entries:
            with suppress(OSError):
                target = os.readlink(entry.path)  # noqa: PTH115  (hundreds of calls)
                if target.startswith(_SOCKET):
                    yield target[len(_SOCKET) : -1]


def _by_psutil(ports: set[int], pids: Collection[int]) -> dict[int, int]:
    found = {}
    for pid in pids:
        with suppress(psutil.Error):
            for connection in psutil.Process(pid).net_connections(kind="tcp"):
                if connection.raddr and connection.raddr.port in ports:
                    found[connection.raddr.port] = pid
    return found


def _listens_by_psutil(port: int, pid: int) -> bool:
    with suppress(psutil.Error):
        return any(
            end.status == psutil.CONN_LISTEN and end.laddr and end.laddr.port == port
            for end in psutil.Process(pid).net_connections(kind="tcp")
        )
    return False
