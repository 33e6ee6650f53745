"""Sorted connections that nobody uses just now, and those who wait for one."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque

from queueproof.targets.vantage import Vantage

ANY = ""


class Shelves:
    """One shelf for each worker's key; what leads to none stands on that of `ANY`.

    Who waits longest is served first. Without that a connection that is given back goes to whoever
    happens to ask next, and on a crowded target a case may wait for seconds, its job long over.
    """

    def __init__(self) -> None:
        self._idle: dict[str, deque[Vantage]] = defaultdict(deque)
        self._waiting: dict[str, deque[asyncio.Future[Vantage]]] = defaultdict(deque)

    def put(self, vantage: Vantage) -> None:
        """To whoever has waited longest for its worker or else for any; on its shelf otherwise."""
        key = vantage.worker or ANY
        for waiting in (self._waiting[key], self._waiting[ANY]):
            while waiting:
                waiter = waiting.popleft()
                if not waiter.done():
                    waiter.set_result(vantage)
                    return
        self._idle[key].append(vantage)

    def take(self, key: str) -> Vantage | None:
        """The one used last, of the fullest shelf for `ANY`; None if there is none."""
        fullest = max(self._idle.values(), key=len, default=None)
        shelf = self._idle[key] if key != ANY else fullest
        return shelf.pop() if shelf else None

    def wait(self, key: str) -> asyncio.Future[Vantage]:
        """The next one that is put there; one who no longer waits cancels it."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[key].append(waiter)
        return waiter

    def kept(self, key: str) -> int:
        """How many lead to that worker."""
        return len(self._idle[key])

    def latest(self, number: int) -> list[Vantage]:
        """Up to so many of each shelf, where they stand."""
        return [
            vantage
            for shelf in self._idle.values()
            for vantage in list(shelf)[max(0, len(shelf) - number) :]
        ]

    def take_of_each(self, number: int) -> list[Vantage]:
        """Up to so many off each shelf."""
        shelves = self._idle.values()
        return [shelf.pop() for shelf in shelves for _ in range(min(number, len(shelf)))]

    def take_sorted(self, key: str) -> Vantage | None:
        """One that still is known to lead there."""
        found = next((one for one in self._idle[key] if one.worker == key), None)
        if found is not None:
            self._idle[key].remove(found)
        return found

    def clear(self, key: str | None = None) -> None:
        """Forget what stands there, or everything; it is closed by whoever made it."""
        if key is None:
            self._idle.clear()
        else:
            self._idle.pop(key, None)
