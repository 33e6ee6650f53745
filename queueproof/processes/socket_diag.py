"""One socket of this machine by its two ends, asked of Linux's kernel (sock_diag(7)).

The tables in /proc list every socket: on a machine that has opened and closed thousands, a look
takes tens of milliseconds, while the run that asks stands still. This asks for one, and takes none.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys

_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST = 1
_ERROR = 2
_HEADER = struct.Struct("=IHHII")
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = b"\xff" * 8
#: Family, protocol, extensions, padding, states; ports and addresses of both ends, device, cookie.
_ASKED = struct.Struct("=BBBxI2s2s16s16sI8s")
#: The same of the socket that was found, with what is of no interest here; then its inode.
_INODE = struct.Struct("=68xI")
_ANSWER = 4096
_ANSWERED_WITHIN_S = 1.0

Address = tuple[str, int]


def inode_of(local: Address, remote: Address) -> str | None:
    """The inode of the socket that has these ends, seen from its own side; None where none has.

    Of this process's network namespace. Raises OSError where the system cannot be asked.
    """
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "sockets can be asked for on Linux alone")
    family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
    asked = _ASKED.pack(
        family,
        socket.IPPROTO_TCP,
        0,
        _ANY_STATE,
        local[1].to_bytes(2, "big"),
        remote[1].to_bytes(2, "big"),
        socket.inet_pton(family, local[0]),
        socket.inet_pton(family, remote[0]),
        0,
        _NO_COOKIE,
    )
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        kernel.settimeout(_ANSWERED_WITHIN_S)
        size = _HEADER.size + len(asked)
        kernel.send(_HEADER.pack(size, _BY_FAMILY, _REQUEST, 1, 0) + asked)
        answer = kernel.recv(_ANSWER)
    kind = _HEADER.unpack_from(answer)[1]
    if kind == _ERROR:
        number = -struct.unpack_from("=i", answer, _HEADER.size)[0]
        if number == errno.ENOENT:
            return None
        raise OSError(number, "the kernel tells of no sockets")
    return str(_INODE.unpack_from(answer, _HEADER.size)[0])
