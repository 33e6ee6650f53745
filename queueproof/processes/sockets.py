"""Which process holds the other end of a connection, from the operating system's own tables."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from queueproof.processes.socket_diag import Address, inode_of

_PROC = Path("/proc")
_ESTABLISHED, _LISTENING = "01", "0A"
_SOCKET = "socket:["
# Columns of the tables: a connection's own address, that of its other end, its state, its socket.
_LOCAL, _REMOTE, _STATE, _INODE = 1, 2, 3, 9


def holders_of(ports: Collection[int], pids: Collection[int]) -> dict[int, int]:
    """For each remote port in `ports`: which of `pids` is connected to it, if any is.

    All of `pids` share one network namespace, that of the last.

    On Linux the tables are read once for all processes; asking process by process costs a
    tenth of a second on a machine with many sockets, which many cases at once cannot afford.
    """
    if _PROC.joinpath("self/net/tcp").exists():
        return _by_proc(set(ports), pids)
    return _by_psutil(set(ports), pids)


def owner_of(local: Address, remote: Address, pids: Collection[int]) -> int | None:
    """Which of `pids` has the connection from its own end `local` to `remote`; None where none has
    one, or the system has no /proc.

    The kernel is asked for the one connection. The tables of another network namespace are read,
    once: on a machine with much memory it takes ten milliseconds to walk through them, be they ever
    so empty, and more where thousands of connections were closed.
    """
    inodes: dict[str, set[str]] = {}
    own = _namespace_of(os.getpid())
    for pid in pids:
        namespace = _namespace_of(pid)
        if namespace not in inodes:
            inodes[namespace] = _inodes_of(local, remote, pid, here=namespace == own)
        if inodes[namespace] and not inodes[namespace].isdisjoint(sockets_of(pid)):
            return pid
    return None


def _inodes_of(local: Address, remote: Address, pid: int, *, here: bool) -> set[str]:
    if here:
        with suppress(OSError):
            inode = inode_of(local, remote)
            return {inode} if inode else set()
    return {inode for inode, _ in _inodes({local[1]}, pid, _LOCAL)}


def listens_at(port: int, pid: int) -> bool:
    """Whether a process listens at a port, in its own network namespace.

    False as well where its sockets cannot be seen, as those of another user's process.
    """
    if not _PROC.joinpath("self/net/tcp").exists():
        return _listens_by_psutil(port, pid)
    inodes = {inode for inode, _ in _inodes({port}, pid, _LOCAL, state=_LISTENING)}
    return bool(inodes) and not inodes.isdisjoint(sockets_of(pid))


def connected_to(port: int) -> int | None:
    """How many connections of other processes are established at a local port; None where nobody
    listens there, or where that cannot be seen.

    The tables are read here, since a machine's sockets in a row are seconds of work for psutil,
    while the run that asks stands still.
    """
    if not _PROC.joinpath("self/net/tcp").exists():
        return _connected_by_psutil(port)
    own, ours, remotes, listens = set(sockets_of(os.getpid())), set[int](), list[int](), False
    for fields in _rows(os.getpid()):
        local = _port_in(fields[_LOCAL])
        if fields[_INODE] in own:
            ours.add(local)
        if local == port:
            listens = listens or fields[_STATE] == _LISTENING
            remotes += [_port_in(fields[_REMOTE])] if fields[_STATE] == _ESTABLISHED else []
    return len([remote for remote in remotes if remote not in ours]) if listens else None


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
    for fields in _rows(pid):
        port = _port_in(fields[side])
        if port in ports and fields[_STATE] == state:
            yield fields[_INODE], port


def _rows(pid: int) -> Iterator[list[str]]:
    """Every TCP socket in the network namespace of `pid`, as the kernel's tables have it."""
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in _PROC.joinpath(str(pid), "net", table).read_text().splitlines()[1:]:
                yield line.split()


def _port_in(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


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


def _connected_by_psutil(port: int) -> int | None:
    try:
        ours = {end.laddr.port for end in psutil.Process().net_connections("tcp") if end.laddr}
        ends = [
            end for end in psutil.net_connections("tcp") if end.laddr and end.laddr.port == port
        ]
    except (psutil.Error, OSError):
        return None
    if not any(end.status == psutil.CONN_LISTEN for end in ends):
        return None
    held = [end for end in ends if end.status == psutil.CONN_ESTABLISHED]
    return len([end for end in held if end.raddr and end.raddr.port not in ours])
