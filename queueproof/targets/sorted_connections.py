"""The open connections of a fleet, sorted by the worker that each leads to."""

from __future__ import annotations

import asyncio

from queueproof.targets.connection_pool import ConnectionPool
from queueproof.targets.identify import Identifier
from queueproof.targets.known_workers import KnownWorkers
from queueproof.targets.resting import RestingTime
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import Worker


class SortedConnections:
    """One connection that stands for each worker (its anchor), the idle ones, and those lent.

    Without an identifier none is sorted: all count as leading to one unknown worker.
    """

    def __init__(self, identifier: Identifier | None, resting: RestingTime | None = None) -> None:
        self.identifier = identifier
        #: How long the idle ones may rest; by default nothing is learnt of that.
        self.resting = resting or RestingTime()
        self.known = KnownWorkers()
        self.pool = ConnectionPool()
        self.anchors: dict[str, Vantage] = {}
        self.every: set[Vantage] = set()

    @property
    def costly(self) -> bool:
        """Whether sorting asks the target for jobs, so that what is sorted must stay open."""
        return self.identifier is not None and self.identifier.must_stay_warm

    def shelve(self, vantage: Vantage) -> None:
        """Keep a connection: as its worker's anchor, else for whoever waits or comes."""
        if vantage not in self.every:
            return
        key = vantage.worker or ""
        if self.identifier is not None and key:
            self.known.meet(key, vantage.url)
            if key not in self.anchors:
                self.anchors[key] = vantage
                return
        self.pool.put(vantage)

    def still_sorted(self, vantage: Vantage) -> bool:
        """Whether it is open and its worker known, as far as workers are told apart."""
        return self.identifier is None or (vantage.port is not None and vantage.worker is not None)

    def some(self, number: int) -> list[Vantage]:
        """Up to so many connections that stand by, of different workers first."""
        resting = [one for one in self.pool.latest(number) if one.worker is not None]
        return [*self.anchors.values(), *resting][:number]

    def replace_moved_anchors(self) -> set[str]:
        """An anchor whose connection was reopened no longer stands for its worker; another does.

        The keys of the workers that no connection stands for any more are returned.
        """
        for key, anchor in list(self.anchors.items()):
            if anchor.worker != key:
                del self.anchors[key]
                substitute = self.pool.take_sorted(key)
                if substitute is not None:
                    self.anchors[key] = substitute
        return set(self.known.keys - self.anchors.keys())

    def retire(self, worker: Worker, because: str = "") -> None:
        """A worker that is no more: what led to it is not lent again."""
        self.known.retire(worker, because)
        self.anchors.pop(worker.key, None)
        self.pool.clear(worker.key)

    def forget_workers(self) -> None:
        """Drop all sorting, as after a restart of the target."""
        self.known.forget()
        self.anchors.clear()
        for vantage in self.every:
            vantage.worker = None

    async def drop(self, vantage: Vantage) -> None:
        """Close one connection."""
        self.every.discard(vantage)
        await vantage.close()

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(vantage.close() for vantage in self.every))
        self.every.clear()
        self.pool.clear()
