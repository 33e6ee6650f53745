"""The workers of a deployment and the connections known to lead to each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from string import ascii_lowercase
from typing import Any

from queueproof.errors import Inconclusive, QueueproofError
from queueproof.targets.identify import Identifier
from queueproof.targets.shelves import ANY, Shelves
from queueproof.targets.vantage import Vantage

_FRESH_S = 0.8
_WARM_EVERY_S = 0.6
_IDLE_PER_WORKER = 12
_KEPT_WARM = 4
_TRIES = 80
_BATCH = 6
_RUSH = 12
_OPENERS = 12
_BARREN = 5
_COMPANY = 6
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

    Without an identifier all connections count as leading to one unknown worker.
    """

    def __init__(
        self,
        urls: tuple[str, ...],
        *,
        identifier: Identifier | None,
        ping: Callable[[Vantage], Awaitable[object]],
        worker_header: str = "",
    ) -> None:
        self._urls = urls
        self.identifier = identifier
        self._ping = ping
        self._worker_header = worker_header
        self._shelves = Shelves()
        self._labels: dict[str, Worker] = {}
        # Sorting by counters needs quiet; every other way bears company.
        costly = identifier is not None and identifier.must_stay_warm
        self._opening = asyncio.Semaphore(1 if costly else _OPENERS)
        self._opened = count()
        self._named = count()
        self._all: set[Vantage] = set()
        self._anchors: dict[str, Vantage] = {}
        self._all_known = False
        self._openings: set[asyncio.Task[None]] = set()
        self._warmer: asyncio.Task[None] | None = None

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers seen so far, in the order of their letters."""
        return tuple(sorted(self._labels.values(), key=lambda worker: worker.label))

    @property
    def scratch_jobs(self) -> int:
        """How many jobs of its own the identifier has run on the target so far."""
        return self.identifier.scratch_jobs if self.identifier else 0

    def forget_workers(self) -> None:
        """Drop all sorting, as after a restart of the target."""
        self._all_known = False
        self._labels.clear()
        self._anchors.clear()
        for vantage in self._all:
            vantage.worker = None

    async def stop_sorting(self) -> None:
        """From now on every connection counts as leading to any worker."""
        self.identifier = None
        self.forget_workers()
        await self.discover(expected=None)

    def retire(self, worker: Worker) -> None:
        """A worker that is no more: its letter is not reused."""
        self._all_known = False
        self._labels.pop(worker.key, None)
        self._shelves.clear(worker.key)

    async def discover(self, *, expected: int | None, tries: int = 48) -> None:
        """Open connections until `expected` workers are seen, or none new turns up."""
        if self.identifier is None:
            self._labels[ANY_WORKER.key] = ANY_WORKER
            return
        self._shelves.clear(ANY)
        if self.identifier.must_stay_warm and self._warmer is None:
            self._warmer = asyncio.create_task(self._keep_warm())
        self._all_known = False
        await self._find_workers(expected, tries)
        self._all_known = expected is None or len(self._labels) >= expected

    async def _find_workers(self, expected: int | None, tries: int) -> None:
        opened = 0
        barren = 0
        while opened < tries and barren < _BARREN:
            known = len(self._labels)
            company = self._shelves.take_of_each(_COMPANY) if barren else []
            found = await self._open_in_turn(_BATCH, company)
            for vantage in [*company, *found]:
                self._shelve(vantage)
            opened += _BATCH
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

    async def close(self) -> None:
        """Close every connection."""
        tasks = [*self._openings, *([self._warmer] if self._warmer else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(vantage.close() for vantage in self._all))
        self._all.clear()
        self._shelves.clear()

    async def _borrow(self, worker: Worker) -> Vantage:
        while True:
            vantage = self._shelves.take(worker.key) or await self._next_free(worker)
            if await self._still_leads_to(vantage, worker):
                return vantage

    async def _next_free(self, worker: Worker) -> Vantage:
        """What is given back or opened first; others may be served by what is opened here."""
        waiting = self._shelves.wait(worker.key)
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
        if vantage.idle_s > _FRESH_S:
            await self._ping(vantage)
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
        async with self._opening:
            for attempt in range(_TRIES):
                if waiting.done():
                    return
                alone = costly or attempt < _STUBBORN
                company = [] if alone else self._shelves.take_of_each(_COMPANY)
                if company:
                    found = await self._open_in_turn(1, company)
                else:
                    found = await self._open(_RUSH if costly and attempt else 1)
                for vantage in [*company, *found]:
                    self._shelve(vantage)
        if not waiting.done():
            raise Inconclusive(f"no new connection reached worker {worker} in {_TRIES} tries")

    async def _open_in_turn(self, number: int, company: list[Vantage]) -> list[Vantage]:
        """Open and sort connections one after another.

        A worker whose event loop turns accepts all that wait at that moment: opened at once, they
        would nearly always share one worker. Where even so none new turns up, `company` keeps the
        known workers busy while the next connection waits for somebody to accept it.
        """
        vantages = self._make(number)
        for vantage in vantages:
            await asyncio.gather(*(self._ping(one) for one in [*company, vantage]))
        return await self._sorted(vantages)

    async def _open(self, number: int) -> list[Vantage]:
        """Open and sort connections at once: on a busy target the first of many opened in turn
        would be closed as idle before the last is open.
        """
        vantages = self._make(number)
        await asyncio.gather(*(self._ping(vantage) for vantage in vantages))
        return await self._sorted(vantages)

    def _make(self, number: int) -> list[Vantage]:
        """Vantages to be, spread over the URLs."""
        vantages = [
            Vantage(
                self._urls[next(self._opened) % len(self._urls)],
                worker_header=self._worker_header,
            )
            for _ in range(number)
        ]
        self._all.update(vantages)
        return vantages

    async def _sorted(self, vantages: list[Vantage]) -> list[Vantage]:
        if self.identifier is None:
            return vantages
        # By counters it has been tried long enough already.
        more = 0 if self.identifier.must_stay_warm else _UNSORTED
        for attempt in range(more + 1):
            opened = [vantage for vantage in vantages if vantage.port is not None]
            complete = self._all_known and self._anchors.keys() == self._labels.keys()
            anchors = list(self._anchors.values())
            try:
                await self.identifier.identify(opened, anchors, complete=complete)
                break
            except Inconclusive:
                if attempt == more:
                    raise
            # A worker that goes may close what it has just answered, before it is sorted.
            await asyncio.sleep(_UNSORTED_S)
            await asyncio.gather(*(self._ping(one) for one in vantages if one.worker is None))
        return opened

    async def _keep_warm(self) -> None:
        """Servers close idle connections after seconds; what is sorted shall stay sorted."""
        while True:
            await asyncio.sleep(_WARM_EVERY_S)
            resting = self._shelves.latest(_KEPT_WARM)
            for vantage in [*self._anchors.values(), *resting]:
                if vantage.idle_s > _WARM_EVERY_S:
                    with suppress(QueueproofError):
                        await self._ping(vantage)
            self._replace_lost_anchors()

    def _replace_lost_anchors(self) -> None:
        """An anchor whose connection was reopened no longer stands for its worker."""
        for key, anchor in list(self._anchors.items()):
            if anchor.worker != key:
                del self._anchors[key]
                substitute = self._shelves.take_sorted(key)
                if substitute is not None:
                    self._anchors[key] = substitute

    def _shelve(self, vantage: Vantage) -> None:
        key = vantage.worker or ""
        if self.identifier is not None and key:
            if key not in self._labels:
                self._labels[key] = Worker(self._next_label(), key)
            if key not in self._anchors:
                self._anchors[key] = vantage
                return
        self._shelves.put(vantage)

    def _next_label(self) -> str:
        turn, letter = divmod(next(self._named), 26)
        return ascii_lowercase[letter] + (str(turn) if turn else "")

    async def _give_back(self, vantage: Vantage) -> None:
        sorted_still = self.identifier is None or (
            vantage.port is not None and vantage.worker is not None
        )
        if sorted_still and self._shelves.kept(vantage.worker or ANY) < _IDLE_PER_WORKER:
            self._shelves.put(vantage)
        else:
            await self._drop(vantage)

    async def _drop(self, vantage: Vantage) -> None:
        self._all.discard(vantage)
        await vantage.close()
