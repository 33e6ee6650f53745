"""The pool of idle connections, sorted by worker, and the queue of cases that wait for one."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque

from queueproof.targets.vantage import Vantage

ANY = ""


class ConnectionPool:
    """A queue of idle connections for each worker's key; what leads to none is in that of `ANY`.

    The first to wait is served first. Otherwise a connection that is given back would go to the
    next caller, and on a crowded target a case might wait for seconds, its job long over.
    """

    def __init__(self) -> None:
        self._idle: dict[str, deque[Vantage]] = defaultdict(deque)
        self._waiting: dict[str, deque[asyncio.Future[Vantage]]] = defaultdict(deque)

    def put(self, vantage: Vantage) -> None:
        """Hand it to the first that waits for its worker, or else for any; otherwise keep it."""
        key = vantage.worker or ANY
        for waiting in (self._waiting[key], self._waiting[ANY]):
            while waiting:
                waiter = waiting.popleft()
                if not waiter.done():
                    waiter.set_result(vantage)
                    return
        self._idle[key].append(vantage)

    def take(self, key: str) -> Vantage | None:
        """The one used last, of the fullest queue for `ANY`; None if there is none."""
        fullest = max(self._idle.values(), key=len, default=None)
        idle = self._idle[key] if key != ANY else fullest
        return idle.pop() if idle else None

    def wait(self, key: str) -> asyncio.Future[Vantage]:
        """The next one that is put there; a caller that no longer waits cancels it."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[key].append(waiter)
        return waiter

    def kept(self, key: str) -> int:
        """How many lead to that worker."""
        return len(self._idle[key])

    def latest(self, number: int) -> list[Vantage]:
        """Up to so many of each worker's, which stay in the pool."""
        return [
            vantage
            for idle in self._idle.values()
            for vantage in list(idle)[max(0, len(idle) - number) :]
        ]

    def take_of_each(self, number: int) -> list[Vantage]:
        """Up to so many of each worker's, taken out."""
        queues = self._idle.values()
        return [idle.pop() for idle in queues for _ in range(min(number, len(idle)))]

    def take_sorted(self, key: str) -> Vantage | None:
        """One that still is known to lead there."""
        found = next((one for one in self._idle[key] if one.worker == key), None)
        if found is not None:
            self._idle[key].remove(found)
        return found

    def clear(self, key: str | None = None) -> None:
        """Forget what is idle there, or everything; the fleet closes it."""
        if key is None:
            self._idle.clear()
        else:
            self._idle.pop(key, None)
