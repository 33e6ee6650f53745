"""The workers of a deployment and the connections known to lead to each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from string import ascii_lowercase
from typing import Any

from queueproof.errors import Inconclusive, QueueproofError, TargetUnreachable
from queueproof.targets.addresses import Addresses
from queueproof.targets.connection_pool import ANY, ConnectionPool
from queueproof.targets.identify import ByHeader, ByProcess, Identifier
from queueproof.targets.in_front import in_front_of
from queueproof.targets.pinning import BALANCED
from queueproof.targets.protocol import Reply
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage

_IDLE_PER_WORKER = 12
_TRIES = 80
_OPENERS = 12
#: Sorting by counters asks the target for jobs: so often another rush of connections is opened.
_COSTLY_TRIES = 16
_SEEK_TRIES, _SEEK_PAUSE_S = 4, 2.0
_REACH_S = 20.0
_STUBBORN = 8
#: So often, and after so long, what nobody holds any more is opened and looked for again.
_UNSORTED, _UNSORTED_S = 3, 0.5


@dataclass(frozen=True)
class Worker:
    """One worker process, by a letter in reports and by the identifier's key inside."""

    label: str
    key: str

    def __str__(self) -> str:
        return self.label


ANY_WORKER = Worker("?", ANY)


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
        self._hint_header = ""
        self.identifier = identifier
        self._ask = ping
        self._worker_header = worker_header
        self.unsorted_because = ""
        #: Ways that did not tell the workers apart, and why.
        self.tried: list[tuple[str, str]] = []
        self._pool = ConnectionPool()
        self._labels: dict[str, Worker] = {}
        self._givers: dict[str, Worker] = {}
        self._gone: dict[Worker, str] = {}
        self._places: dict[str, set[str]] = {}
        self._at_first: frozenset[str] = frozenset()
        self._most = 0
        self._first: tuple[Worker, ...] = ()
        self._opening = _turns(identifier)
        self._named = count()
        self._all: set[Vantage] = set()
        self._anchors: dict[str, Vantage] = {}
        self._all_known = False
        self._openings: set[asyncio.Task[None]] = set()
        self._warmer: asyncio.Task[None] | None = None
        self._warming: dict[Vantage, asyncio.Task[None]] = {}
        self._seeking: asyncio.Task[None] | None = None

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers seen so far, in the order of their letters."""
        return tuple(sorted(self._labels.values(), key=lambda worker: worker.label))

    @property
    def in_front(self) -> str:
        """What is known to stand in front, in words that follow "seen through"; empty if nothing.

        A front that balances requests is one, though no answer may name it.
        """
        known = next(filter(None, map(in_front_of, self.addresses.urls)), "")
        balanced = self.unsorted_because.startswith(BALANCED)
        return known or ("a front that balances requests" if balanced else "")

    @property
    def first_workers(self) -> tuple[Worker, ...]:
        """The workers that were found when it was looked first, whatever became of them since."""
        return self._first or self.workers

    @property
    def found(self) -> int:
        """How many workers were found, whatever became of them since."""
        return self._most

    @property
    def scratch_jobs(self) -> int:
        """How many jobs of its own the identifier has run on the target so far."""
        return self.identifier.scratch_jobs if self.identifier else 0

    def sort_by(self, identifier: Identifier) -> None:
        """Use this way from now on; what another way has found is forgotten, letters too."""
        self.forget_workers()
        self._named = count()
        self._most = 0
        self._first = ()
        self.identifier = identifier
        self._opening = _turns(identifier)
        self._worker_header = identifier.header if isinstance(identifier, ByHeader) else ""
        self._hint_header = identifier.hint_header if isinstance(identifier, ByProcess) else ""
        for vantage in self._all:
            vantage.worker_header = self._worker_header
            vantage.hint_header = self._hint_header

    def forget_workers(self) -> None:
        """Drop all sorting, as after a restart of the target."""
        self._all_known = False
        self._labels.clear()
        self._anchors.clear()
        for vantage in self._all:
            vantage.worker = None

    async def stop_sorting(self, because: str = "") -> None:
        """From now on every connection counts as leading to any worker."""
        self.identifier = None
        self.unsorted_because = because
        self.forget_workers()
        await self.discover(expected=None)

    def retire(self, worker: Worker, because: str = "") -> None:
        """A worker that is no more: its letter is not reused."""
        self._all_known = False
        self._labels.pop(worker.key, None)
        self._anchors.pop(worker.key, None)
        self._pool.clear(worker.key)
        if because:
            self._gone[worker] = because

    async def discover(self, *, expected: int | None, tries: int = 48) -> None:
        """Open connections until `expected` workers are seen, or none new turns up."""
        if self.identifier is None:
            self._labels[ANY_WORKER.key] = ANY_WORKER
            return
        self._pool.clear(ANY)
        if self.identifier.must_stay_warm and self._warmer is None:
            self._warmer = asyncio.create_task(self._keep_warm())
        self._all_known = False
        await self._find_workers(expected, tries)
        if not self._labels:
            raise Inconclusive("no connection stays open for longer than one answer")
        self._all_known = expected is None or len(self._labels) >= expected
        self._at_first = frozenset(self._labels)
        self._first = self._first or self.workers
        self._most = max(self._most, len(self._labels))

    async def _find_workers(self, expected: int | None, tries: int) -> None:
        opened = 0
        barren = 0
        again = bool(self._labels)  # where it was looked before, the same connections lead nowhere
        while opened < tries and barren < self.upkeep.barren:
            known = len(self._labels)
            company = self._pool.take_of_each(self.upkeep.company) if barren or again else []
            found = await self._open_in_turn(self.upkeep.batch, company)
            for vantage in [*company, *found]:
                self._shelve(vantage)
            opened += self.upkeep.batch
            if expected is not None and len(self._labels) >= expected:
                return
            barren = barren + 1 if len(self._labels) == known else 0

    @asynccontextmanager
    async def vantage(self, worker: Worker | None = None) -> AsyncIterator[Vantage]:
        """Lend a connection to `worker` (or to any), alone for the time being.

        Raises Inconclusive when no connection can be brought to that worker.
        """
        vantage = await self._borrow(worker or ANY_WORKER)
        try:
            yield vantage
        finally:
            await self._give_back(vantage)

    def worker_of(self, vantage: Vantage) -> Worker:
        """The worker behind a sorted vantage."""
        if self.identifier is None:
            return ANY_WORKER
        return self._labels.get(vantage.worker or "", ANY_WORKER)

    def giver_of(self, vantage: Vantage) -> Worker:
        """The worker that gave the last answer, also where connections lead to no certain one."""
        key = vantage.answered_by
        if key is None:
            return ANY_WORKER
        if key not in self._labels and key not in self._givers:
            self._givers[key] = Worker(self._next_label(), key)
        return self._labels.get(key) or self._givers[key]

    @property
    def one_worker_a_url(self) -> bool:
        """Whether every URL has led to one worker, and each worker stood behind one URL."""
        places = [self._places.get(key, set()) for key in self._labels]
        alone = all(len(urls) == 1 for urls in places)
        return alone and len(set().union(*places)) == len(self._labels) == len(self.addresses.urls)

    def urls_of(self, worker: Worker) -> frozenset[str]:
        """The URLs at which this worker was met; nothing where workers are not told apart."""
        return frozenset(self._places.get(worker.key, ()))

    def some(self, number: int) -> list[Vantage]:
        """Up to so many connections that stand by, of different workers first."""
        resting = [one for one in self._pool.latest(number) if one.worker is not None]
        return [*self._anchors.values(), *resting][:number]

    async def ping(self, vantage: Vantage) -> None:
        """The cheapest request; a URL that refuses it is noted.

        Raises TargetUnreachable when the connection is refused.
        """
        fresh = vantage.port is None
        try:
            reply = await self._ask(vantage)
        except TargetUnreachable:
            self.addresses.refused(vantage.url)
            raise
        if not isinstance(reply, Reply) or reply.answered:
            self.addresses.accepted(vantage.url)
        elif fresh:
            self.addresses.unanswered(vantage.url)

    async def look_at_urls(self) -> None:
        """Note which URLs accept connections now and which refuse them."""
        for url in self.addresses.urls:
            fresh = Vantage(url)
            with suppress(TargetUnreachable):
                await self.ping(fresh)
            await fresh.close()

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
        tasks = [*self._openings, *self._warming.values()]
        tasks += [task for task in (self._warmer, self._seeking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(vantage.close() for vantage in self._all))
        self._all.clear()
        self._pool.clear()

    async def _borrow(self, worker: Worker) -> Vantage:
        if self.identifier is None:
            worker = ANY_WORKER
        while True:
            if worker in self._gone:
                raise Inconclusive(self._gone[worker])
            vantage = self._pool.take(worker.key) or await self._next_free(worker)
            if await self._still_leads_to(vantage, worker):
                return vantage

    async def _next_free(self, worker: Worker) -> Vantage:
        """What is given back or opened first; others may be served by what is opened here."""
        waiting = self._pool.wait(worker.key)
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
                self._shelve(waiting.result())
            raise
        finally:
            waiting.cancel()

    def _opened_for_somebody(self, opening: asyncio.Task[None]) -> None:
        self._openings.discard(opening)
        if not opening.cancelled():
            opening.exception()  # told to whoever waited, if anybody still did

    async def _still_leads_to(self, vantage: Vantage, worker: Worker) -> bool:
        if vantage.idle_s > self.upkeep.fresh_s:
            try:
                await self.ping(vantage)
            except TargetUnreachable:
                await self._drop(vantage)
                if not self.addresses.any_left:
                    raise
                return False
        if self.identifier is None:
            return True
        if vantage.worker is None:
            await self._drop(vantage)
            return False
        if worker is ANY_WORKER or vantage.worker == worker.key:
            return True
        self._shelve(vantage)
        return False

    async def _open_towards(self, worker: Worker, waiting: asyncio.Future[Vantage]) -> None:
        costly = self.identifier is not None and self.identifier.must_stay_warm
        tries = _COSTLY_TRIES if costly else _TRIES
        async with self._opening:
            for attempt in range(tries):
                if waiting.done():
                    return
                alone = costly or attempt < _STUBBORN
                company = [] if alone else self._pool.take_of_each(self.upkeep.company)
                if company:
                    found = await self._open_in_turn(1, company)
                else:
                    found = await self._open(2 * self.upkeep.batch if costly and attempt else 1)
                for vantage in [*company, *found]:
                    self._shelve(vantage)
        if not waiting.done():
            raise self._not_reached(worker, tries)

    def _not_reached(self, worker: Worker, tries: int) -> Inconclusive:
        if url := self.addresses.refusing(self._places.get(worker.key, ())):
            return Inconclusive(f"worker {worker} went away: {url} refuses connections")
        if worker is ANY_WORKER:
            return Inconclusive(f"in {tries} tries no connection stayed open for a second answer")
        others = ", ".join(str(other) for other in self.workers if other != worker)
        reason = (
            f"worker {worker} went away, or accepts no connection any more: {tries} tries all led "
            f"to {others or 'nobody'}; the target's log may tell why"
        )
        if self._labels.keys() - self._at_first:
            self.retire(worker, reason)  # a newcomer stands in its place
        return Inconclusive(reason)

    async def _open_in_turn(self, number: int, company: list[Vantage]) -> list[Vantage]:
        """Open and sort connections one after another.

        A worker whose event loop turns accepts all that wait at that moment: opened at once, they
        would nearly always share one worker. Where even so none new turns up, `company` keeps the
        known workers busy while the next connection waits for somebody to accept it.
        """
        vantages = self._make(number)
        for vantage in vantages:
            await asyncio.gather(*(self._first_ping(one) for one in [*company, vantage]))
        return await self._sorted(vantages)

    async def _open(self, number: int) -> list[Vantage]:
        """Open and sort connections at once: on a busy target the first of many opened in turn
        would be closed as idle before the last is open.
        """
        vantages = self._make(number)
        await asyncio.gather(*(self._first_ping(vantage) for vantage in vantages))
        return await self._sorted(vantages)

    async def _first_ping(self, vantage: Vantage) -> None:
        """Open a connection, or drop it; raises TargetUnreachable when no URL accepts one."""
        try:
            await self.ping(vantage)
        except TargetUnreachable:
            await self._drop(vantage)
            if not self.addresses.any_left:
                raise
            return
        if self.addresses.is_silent(vantage.url) and vantage.port is None:
            await self._drop(vantage)

    def _make(self, number: int) -> list[Vantage]:
        """Vantages to be, spread over the URLs."""
        vantages = [
            Vantage(self.addresses.next(), worker_header=self._worker_header) for _ in range(number)
        ]
        for vantage in vantages:
            vantage.hint_header = self._hint_header
        self._all.update(vantages)
        return vantages

    async def _sorted(self, vantages: list[Vantage]) -> list[Vantage]:
        if self.identifier is None:
            return [vantage for vantage in vantages if vantage in self._all]
        # By counters it has been tried long enough already.
        more = 0 if self.identifier.must_stay_warm else _UNSORTED
        for attempt in range(more + 1):
            opened = [vantage for vantage in vantages if vantage.port is not None]
            complete = self._all_known
            anchors = list(self._anchors.values())
            try:
                await self.identifier.identify(opened, anchors, complete=complete)
                break
            except Inconclusive:
                if attempt == more:
                    raise
            # A worker that goes may close what it has just answered, before it is sorted.
            await asyncio.sleep(_UNSORTED_S)
            again = [one for one in vantages if one.worker is None and one in self._all]
            await asyncio.gather(*(self._first_ping(one) for one in again))
        return opened

    async def _keep_warm(self) -> None:
        """Servers close idle connections after seconds; what is sorted shall stay sorted.

        Each connection has a task of its own: one after another, a slow worker's answer would keep
        the others waiting until they are closed.
        """
        while True:
            await asyncio.sleep(self.upkeep.warm_every_s)
            resting = self._pool.latest(self.upkeep.kept_warm)
            for vantage in [*self._anchors.values(), *resting]:
                if vantage.idle_s > self.upkeep.warm_every_s and vantage not in self._warming:
                    self._warming[vantage] = asyncio.create_task(self._warm(vantage))
            self._replace_lost_anchors()

    async def _warm(self, vantage: Vantage) -> None:
        try:
            with suppress(QueueproofError):
                if self.identifier is not None and vantage in self._anchors.values():
                    await self.identifier.keep(vantage)
                else:
                    await self.ping(vantage)
        finally:
            self._warming.pop(vantage, None)

    def _replace_lost_anchors(self) -> None:
        """An anchor whose connection was reopened no longer stands for its worker.

        Where none stands by to take its place, one is looked for.
        """
        for key, anchor in list(self._anchors.items()):
            if anchor.worker != key:
                del self._anchors[key]
                substitute = self._pool.take_sorted(key)
                if substitute is not None:
                    self._anchors[key] = substitute
        lost = self._labels.keys() - self._anchors.keys()
        if lost and (self._seeking is None or self._seeking.done()):
            self._seeking = asyncio.create_task(self._seek(lost))

    async def _seek(self, lost: set[str]) -> None:
        """Bring workers back into view before a case asks for them."""
        with suppress(QueueproofError):
            async with self._opening:
                for _ in range(_SEEK_TRIES):
                    if lost <= self._anchors.keys():
                        return
                    for vantage in await self._open(self.upkeep.batch):
                        self._shelve(vantage)
            await asyncio.sleep(_SEEK_PAUSE_S)

    def _shelve(self, vantage: Vantage) -> None:
        if vantage not in self._all:
            return
        key = vantage.worker or ""
        if self.identifier is not None and key:
            self._places.setdefault(key, set()).add(vantage.url)
            if key not in self._labels:
                self._labels[key] = Worker(self._next_label(), key)
            if key not in self._anchors:
                self._anchors[key] = vantage
                return
        self._pool.put(vantage)

    def _next_label(self) -> str:
        turn, letter = divmod(next(self._named), 26)
        return ascii_lowercase[letter] + (str(turn) if turn else "")

    async def _give_back(self, vantage: Vantage) -> None:
        sorted_still = self.identifier is None or (
            vantage.port is not None and vantage.worker is not None
        )
        if sorted_still and self._pool.kept(vantage.worker or ANY) < _IDLE_PER_WORKER:
            self._pool.put(vantage)
        else:
            await self._drop(vantage)

    async def _drop(self, vantage: Vantage) -> None:
        self._all.discard(vantage)
        await vantage.close()


def _turns(identifier: Identifier | None) -> asyncio.Semaphore:
    """Sorting by counters needs quiet; every other way bears company."""
    costly = identifier is not None and identifier.must_stay_warm
    return asyncio.Semaphore(1 if costly else _OPENERS)
