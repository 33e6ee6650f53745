"""Ports of loopback for programs that are about to be started, given to one of them alone.

Between the choice of a port and the moment in which its program listens there, another run on the
machine may choose the same one. So a chosen port is reserved for a while, by a socket without a
file whose name says so: of several runs one gets it, and what a run has reserved ends with it.
"""

from __future__ import annotations

import atexit
import random
import socket
import sys
from collections import deque

from queueproof.errors import HarnessError

_PORTS = (20_000, 32_000)
_TRIES = 1000
#: Of so many ports that were given out last the programs may not listen yet.
_RESERVED = 64

# Of a hundred gates in a row no range has ports enough: what was given out long ago is free again.
_given_out: deque[int] = deque(maxlen=3_000)
_reservations: deque[socket.socket] = deque()


@atexit.register
def _give_back() -> None:
    while _reservations:
        _reservations.pop().close()


def free_port() -> int:
    """A port on loopback that nobody listens on now, and that no run here was given lately.

    Below the range from which the kernel takes the local ports of outgoing connections: one of
    those could hold it by the time a program wants to listen there. Raises HarnessError when a
    thousand tries find none.
    """
    for _ in range(_TRIES):
        port = random.randrange(*_PORTS)  # noqa: S311  (not a secret)
        if port not in _given_out and _reserve(port):
            if _is_free(port):
                _given_out.append(port)
                return port
            _reservations.pop().close()
    raise HarnessError(f"no free port between {_PORTS[0]} and {_PORTS[1]}")


def _reserve(port: int) -> bool:
    """Whether no other run holds the port for a program of its own; from now on this one does."""
    reservation = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        if sys.platform == "linux":  # elsewhere a socket's name is a file, which could stay behind
            reservation.bind(f"\0queueproof port {port}")
    except OSError:
        reservation.close()
        return False
    _reservations.append(reservation)
    while len(_reservations) > _RESERVED:
        _reservations.popleft().close()
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
