"""Lending a connection that leads to a chosen worker, and taking it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.targets.connection_opener import ConnectionOpener
from queueproof.targets.connection_pool import ANY
from queueproof.targets.sorted_connections import SortedConnections
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER, Worker

_IDLE_PER_WORKER = 12
_TRIES = 80
#: Sorting by counters asks the target for jobs: so often another rush of connections is opened.
_COSTLY_TRIES = 16
#: So often one is opened alone, before the known workers are kept busy meanwhile.
_STUBBORN = 8


class ConnectionLender:
    """Lends what is idle or is given back; else opens connections until one leads there."""

    def __init__(
        self, connections: SortedConnections, opener: ConnectionOpener, upkeep: Upkeep
    ) -> None:
        self._connections = connections
        self._opener = opener
        self._upkeep = upkeep
        self._openings: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What it has under way."""
        return list(self._openings)

    @asynccontextmanager
    async def lend(self, worker: Worker) -> AsyncIterator[Vantage]:
        """A connection to `worker`, alone for the time being.

        Raises Inconclusive when no connection can be brought to that worker.
        """
        vantage = await self._borrow(worker)
        try:
            yield vantage
        finally:
            await self._give_back(vantage)

    async def _borrow(self, worker: Worker) -> Vantage:
        if self._connections.identifier is None:
            worker = ANY_WORKER
        while True:
            why = self._connections.known.why_gone(worker)
            if why is not None:
                raise Inconclusive(why)
            idle = self._connections.pool.take(worker.key)
            vantage = idle or await self._next_free(worker)
            if await self._still_leads_to(vantage, worker):
                return vantage

    async def _next_free(self, worker: Worker) -> Vantage:
        """What is given back or opened first; others may be served by what is opened here."""
        waiting = self._connections.pool.wait(worker.key)
        opening = asyncio.create_task(self._open_towards(worker, waiting))
        self._openings.add(opening)
        opening.add_done_callback(self._opened_for_somebody)
        try:
            either: set[asyncio.Future[Any]] = {waiting, opening}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                opening.result()
            return waiting.result()
        except asyncio.CancelledError:
            if waiting.done():
                self._connections.shelve(waiting.result())
            raise
        finally:
            waiting.cancel()

    def _opened_for_somebody(self, opening: asyncio.Task[None]) -> None:
        self._openings.discard(opening)
        if not opening.cancelled():
            opening.exception()  # told to whoever waited, if anybody still did

    async def _still_leads_to(self, vantage: Vantage, worker: Worker) -> bool:
        if vantage.idle_s > max(self._upkeep.fresh_s, self._connections.resting.safe_s):
            try:
                await self._opener.ping(vantage)
            except TargetUnreachable:
                await self._connections.drop(vantage)
                if not self._opener.addresses.any_left:
                    raise
                return False
        if self._connections.identifier is None:
            return True
        if vantage.worker is None:
            await self._connections.drop(vantage)
            return False
        if worker is ANY_WORKER or vantage.worker == worker.key:
            return True
        self._connections.shelve(vantage)
        return False

    async def _open_towards(self, worker: Worker, waiting: asyncio.Future[Vantage]) -> None:
        """Open connections until the one that is waited for was found.

        Raises Inconclusive when none of many led there.
        """
        costly, batch = self._connections.costly, self._upkeep.batch
        tries = _COSTLY_TRIES if costly else _TRIES
        async with self._opener.turns:
            for attempt in range(tries):
                if waiting.done():
                    return
                alone = costly or attempt < _STUBBORN
                pool = self._connections.pool
                company = [] if alone else pool.take_of_each(self._upkeep.company)
                if company:
                    found = await self._opener.open_in_turn(1, company)
                else:
                    found = await self._opener.open(2 * batch if costly and attempt else 1)
                for vantage in [*company, *found]:
                    self._connections.shelve(vantage)
        if not waiting.done():
            raise self._not_reached(worker, tries)

    def _not_reached(self, worker: Worker, tries: int) -> Inconclusive:
        known = self._connections.known
        if url := self._opener.addresses.refusing(known.urls_of(worker)):
            return Inconclusive(f"worker {worker} went away: {url} refuses connections")
        if worker is ANY_WORKER:
            return Inconclusive(f"in {tries} tries no connection stayed open for a second answer")
        others = ", ".join(str(other) for other in known.workers if other != worker)
        reason = (
            f"worker {worker} went away, or accepts no connection any more: {tries} tries all led "
            f"to {others or 'nobody'}; the target's log may tell why"
        )
        if known.newcomers:
            self._connections.retire(worker, reason)  # a newcomer stands in its place
        return Inconclusive(reason)

    async def _give_back(self, vantage: Vantage) -> None:
        pool = self._connections.pool
        kept = pool.kept(vantage.worker or ANY)
        if self._connections.still_sorted(vantage) and kept < _IDLE_PER_WORKER:
            pool.put(vantage)
        else:
            await self._connections.drop(vantage)
