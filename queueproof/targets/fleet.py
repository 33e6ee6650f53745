"""The workers of a deployment and the connections known to lead to each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.targets.addresses import Addresses
from queueproof.targets.connection_lending import ConnectionLender
from queueproof.targets.connection_opener import ConnectionOpener
from queueproof.targets.connection_pool import ANY
from queueproof.targets.connection_warmer import ConnectionWarmer
from queueproof.targets.identify import Identifier
from queueproof.targets.in_front import in_front_of
from queueproof.targets.pinning import BALANCED
from queueproof.targets.resting import RestingTime
from queueproof.targets.sorted_connections import SortedConnections
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER, Worker

#: A worker that is slow to be reached is not one that went away.
_REACH_S = 20.0
#: So many batches of connections may be opened to have several to one worker.
_BATCHES_MORE = 3


class Fleet:
    """Finds the workers and lends connections to a chosen one.

    Without an identifier all connections count as leading to one unknown worker; then
    `unsorted_because` says why. Of several URLs one may refuse connections while another serves.
    """

    def __init__(
        self,
        urls: tuple[str, ...],
        *,
        identifier: Identifier | None,
        ping: Callable[[Vantage], Awaitable[object]],
        worker_header: str = "",
        upkeep: Upkeep | None = None,
    ) -> None:
        self.addresses = Addresses(urls)
        self.upkeep = upkeep or Upkeep()
        self.unsorted_because = ""
        #: Ways that did not tell the workers apart, and why.
        self.tried: list[tuple[str, str]] = []
        resting = RestingTime(*self.upkeep.rests_s)
        self._connections = SortedConnections(identifier, resting)
        self._known = self._connections.known
        self._opener = ConnectionOpener(
            self.addresses, self._connections, ping=ping, worker_header=worker_header
        )
        self._lender = ConnectionLender(self._connections, self._opener, self.upkeep)
        self._warmer = ConnectionWarmer(self._connections, self._opener, self.upkeep)

    # -- who is there ----------------------------------------------------------------------

    @property
    def identifier(self) -> Identifier | None:
        """How workers are told apart; None where they are not."""
        return self._connections.identifier

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers seen so far, in the order of their letters."""
        return self._known.workers

    @property
    def first_workers(self) -> tuple[Worker, ...]:
        """The workers that were found when it was looked first, whatever became of them since."""
        return self._known.first_workers

    @property
    def found(self) -> int:
        """How many workers were found, whatever became of them since."""
        return self._known.found

    @property
    def scratch_jobs(self) -> int:
        """How many jobs of its own the identifier has run on the target so far."""
        return self.identifier.scratch_jobs if self.identifier else 0

    @property
    def in_front(self) -> str:
        """What is known to stand in front, in words that follow "seen through"; empty if nothing.

        A front that balances requests is one, though no answer may name it.
        """
        known = next(filter(None, map(in_front_of, self.addresses.urls)), "")
        balanced = self.unsorted_because.startswith(BALANCED)
        return known or ("a front that balances requests" if balanced else "")

    @property
    def one_worker_a_url(self) -> bool:
        """Whether every URL has led to one worker, and each worker stood behind one URL."""
        return self._known.one_at_each(self.addresses.urls)

    def urls_of(self, worker: Worker) -> frozenset[str]:
        """The URLs at which this worker was met; nothing where workers are not told apart."""
        return self._known.urls_of(worker)

    def worker_of(self, vantage: Vantage) -> Worker:
        """The worker behind a sorted vantage."""
        if self.identifier is None:
            return ANY_WORKER
        return self._known.behind(vantage.worker)

    def giver_of(self, vantage: Vantage) -> Worker:
        """The worker that gave the last answer, also where connections lead to no certain one."""
        return self._known.giver(vantage.answered_by)

    # -- finding and forgetting ------------------------------------------------------------

    def sort_by(self, identifier: Identifier) -> None:
        """Use this way from now on; what another way has found is forgotten, letters too."""
        self.forget_workers()
        self._known.begin_anew()
        self._opener.sort_by(identifier)

    def forget_workers(self) -> None:
        """Drop all sorting, as after a restart of the target."""
        self._connections.forget_workers()

    async def stop_sorting(self, because: str = "") -> None:
        """From now on every connection counts as leading to any worker."""
        self._connections.identifier = None
        self.unsorted_because = because
        self.forget_workers()
        await self.discover(expected=None)

    def retire(self, worker: Worker, because: str = "") -> None:
        """A worker that is no more: its letter is not reused."""
        self._connections.retire(worker, because)

    async def discover(self, *, expected: int | None, tries: int = 48) -> None:
        """Open connections until `expected` workers are seen, or none new turns up."""
        if self.identifier is None:
            self._known.tell_none_apart()
            return
        self._connections.pool.clear(ANY)
        if self._connections.costly:
            self._warmer.start()
        self._known.complete = False
        await self._find_workers(expected, tries)
        if not self.workers:
            raise Inconclusive("no connection stays open for longer than one answer")
        self._known.settle(expected)

    async def _find_workers(self, expected: int | None, tries: int) -> None:
        opened = 0
        barren = 0
        again = bool(self.workers)  # where it was looked before, the same connections lead nowhere
        while opened < tries and barren < self.upkeep.barren:
            known = len(self.workers)
            busy = self.upkeep.company if barren or again else 0
            company = self._connections.pool.take_of_each(busy)
            found = await self._opener.open_in_turn(self.upkeep.batch, company)
            for vantage in [*company, *found]:
                self._connections.shelve(vantage)
            opened += self.upkeep.batch
            if expected is not None and len(self.workers) >= expected:
                return
            barren = barren + 1 if len(self.workers) == known else 0

    # -- connections -----------------------------------------------------------------------

    def vantage(self, worker: Worker | None = None) -> AbstractAsyncContextManager[Vantage]:
        """Lend a connection to `worker` (or to any), alone for the time being.

        Raises Inconclusive when no connection can be brought to that worker.
        """
        return self._lender.lend(worker or ANY_WORKER)

    def some(self, number: int) -> list[Vantage]:
        """Up to so many connections that stand by, of different workers first."""
        return self._connections.some(number)

    async def some_of_one(self, number: int) -> list[Vantage]:
        """Up to so many connections that stand by and lead to one worker; some may be opened."""
        alike: list[Vantage] = []
        for _ in range(_BATCHES_MORE + 1):
            by_worker: dict[str, list[Vantage]] = {}
            for vantage in self._connections.some(number * max(1, len(self.workers))):
                by_worker.setdefault(vantage.worker or "", []).append(vantage)
            alike = max(by_worker.values(), key=len, default=[])
            if len(alike) >= number:
                break
            for vantage in await self._opener.open_in_turn(self.upkeep.batch, []):
                self._connections.shelve(vantage)
        return alike[:number]

    async def ping(self, vantage: Vantage) -> None:
        """The cheapest request; a URL that refuses it is noted.

        Raises TargetUnreachable when the connection is refused.
        """
        await self._opener.ping(vantage)

    async def look_at_urls(self) -> None:
        """Note which URLs accept connections now and which refuse them."""
        for url in self.addresses.urls:
            fresh = Vantage(url)
            with suppress(TargetUnreachable):
                await self.ping(fresh)
            await fresh.close()

    def forget_idle(self) -> None:
        """Lend none of the connections that stand by unsorted: what they lead to may be gone."""
        self._connections.pool.clear(ANY)

    async def gone_since(self, when: float) -> str:
        """What went away after an instant of the monotonic clock, in words; else empty.

        A URL that refused connections, or a worker that no connection reaches any more.
        """
        await self.look_at_urls()
        if url := self.addresses.refused_since(when):
            return f"{url} refused connections"
        for worker in self.workers if self.identifier else ():
            try:
                async with asyncio.timeout(_REACH_S), self.vantage(worker):
                    pass
            except (Inconclusive, TargetUnreachable) as trouble:
                return str(trouble)
            except TimeoutError:
                continue
        return ""

    async def close(self) -> None:
        """Close every connection."""
        tasks = [*self._lender.tasks, *self._warmer.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connections.close()
