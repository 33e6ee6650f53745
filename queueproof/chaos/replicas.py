"""Connections to replicas in an outage: a fresh one for each request, to a chosen address.

The gate's fleet keeps sorted connections warm. In an outage that would spoil the evidence: a
connection kept since before the fault breaks for that reason alone, and sorting asks a target that
cannot answer. A worker here is a replica, named by its address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from string import ascii_lowercase

from queueproof.targets.addresses import Addresses
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import Worker


class ReplicaFleet:
    """Stands where `Fleet` stands; a worker's key is its replica's URL."""

    identifier = None
    unsorted_because = "a worker here is a replica"
    scratch_jobs = 0
    one_worker_a_url = True

    def __init__(self, urls: Sequence[str], *, worker_header: str = "") -> None:
        self.workers = tuple(
            Worker(letter, url) for letter, url in zip(ascii_lowercase, urls, strict=False)
        )
        self._header = worker_header
        self._turn = count()
        self.addresses = Addresses(tuple(urls))
        self._by_url = {worker.key: worker for worker in self.workers}

    @asynccontextmanager
    async def vantage(self, worker: Worker | None = None) -> AsyncIterator[Vantage]:
        """A new connection to `worker`, or to each in turn."""
        chosen = worker or self.workers[next(self._turn) % len(self.workers)]
        vantage = Vantage(chosen.key, worker_header=self._header)
        try:
            yield vantage
        finally:
            await vantage.close()

    def worker_of(self, vantage: Vantage) -> Worker:
        """The replica behind a connection."""
        return self._by_url[vantage.url]

    def giver_of(self, vantage: Vantage) -> Worker:
        """Who gave the last answer: there is one connection a request."""
        return self.worker_of(vantage)

    async def close(self) -> None:
        """Nothing is kept."""
