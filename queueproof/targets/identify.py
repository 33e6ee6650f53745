"""Telling workers apart behind one address.

Four ways, best first. A header may name the worker. Each worker may have a URL of its own.
Where the target's processes can be seen, the process that holds the other end of a connection
is the worker. Else the monitor tells: it answers for the worker behind the connection, and two
answers that cannot belong to one worker come from two.

For the last way a scratch job is submitted through the connection in question and cancelled.
Its owner is the worker behind that connection, and only the owner counts one more active job
meanwhile and one more owned cancel afterwards: every connection on which one of these rises
looks at the same worker. Other traffic can raise them too, so a rise counts only when it is
seen twice in a row.

Scratch jobs cost the target more than many a case. Once all workers are known, the counters that
never fall mostly tell without one: what a connection reads lies between what its own worker's
known connection read before and after, and hardly ever between what another's did.

A worker whose known connections were all closed keeps its name: what its counters were last is
remembered, and a worker that is none of the known ones and has counted on from there is that one.
One that was started anew has counted less.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol

import psutil

from queueproof.errors import Inconclusive
from queueproof.processes.signalling import ProcessKey
from queueproof.processes.sockets import holders_of
from queueproof.targets.pinning import NEVER_FALL, Counters, CounterWatch
from queueproof.targets.vantage import Vantage

_FRONTS = ("nginx", "haproxy", "caddy", "envoy", "traefik", "docker-proxy", "httpd", "apache2")


class Identifier(Protocol):
    """Says which worker a vantage looks at, by a key that is stable while the worker lives.

    `scratch_jobs` counts the jobs of its own that it has run on the target. Where sorting is
    costly, what is sorted `must_stay_warm`: idle connections are kept from being closed.
    """

    name: str
    scratch_jobs: int
    must_stay_warm: bool

    async def identify(
        self, vantages: Sequence[Vantage], anchors: Sequence[Vantage], *, complete: bool
    ) -> None:
        """Set `worker` of each vantage, whose connections are open.

        `anchors` are connections already sorted, one a worker, for comparison; `complete` when
        they stand for all the workers there are.
        """

    async def keep(self, anchor: Vantage) -> None:
        """Note what lets a worker be known again should its connections all be closed."""


class _WithoutCost:
    """What every way has in common that asks nothing of the target."""

    scratch_jobs = 0
    must_stay_warm = False

    async def keep(self, anchor: Vantage) -> None:
        """What names these workers outlives their connections."""


class ByUrl(_WithoutCost):
    """Every worker, or replica, has a URL of its own."""

    name = "one URL a worker"

    async def identify(
        self, vantages: Sequence[Vantage], anchors: Sequence[Vantage], *, complete: bool
    ) -> None:
        """The URL itself is the key."""
        for vantage in vantages:
            vantage.worker = vantage.url


class ByHeader(_WithoutCost):
    """A response header names the worker, so that every answer has sorted its vantage already."""

    name = "worker header"

    def __init__(self, header: str) -> None:
        self.header = header

    async def identify(
        self, vantages: Sequence[Vantage], anchors: Sequence[Vantage], *, complete: bool
    ) -> None:
        """The header's value is the key; raises Inconclusive where it is missing."""
        if any(vantage.worker is None for vantage in vantages):
            raise Inconclusive(f"not every answer carries the header {self.header}")


class ByProcess(_WithoutCost):
    """The process that holds the server's end of the connection is the worker.

    Looking through the tables is dear. Where we launched the target ourselves, the header by which
    its workers name themselves may be used to look once a name (`hint_header`): which process it
    stands for is what the tables said, never what the header says.
    """

    name = "process table"

    def __init__(self, root: int, *, hint_header: str = "") -> None:
        self.hint_header = hint_header
        self._known: dict[str, ProcessKey] = {}
        self._root = root
        self._ports: set[int] = set()
        self._next_look: asyncio.Task[dict[int, int]] | None = None
        self._looking = asyncio.Lock()

    async def identify(
        self, vantages: Sequence[Vantage], anchors: Sequence[Vantage], *, complete: bool
    ) -> None:
        """The process id is the key; raises Inconclusive where no process is found."""
        for vantage in vantages:
            vantage.worker = self._known_by(vantage.hint)
        unknown = [vantage for vantage in vantages if vantage.worker is None]
        if not unknown:
            return
        holders = await self._holders(vantage.port for vantage in unknown if vantage.port)
        for vantage in unknown:
            holder = holders.get(vantage.port or 0)
            if holder is None:
                raise Inconclusive(
                    f"no process below process_root {self._root} holds the server's end of the "
                    "connection: it ends at a published port or at a front"
                )
            _expect_no_front(holder)
            vantage.worker = key = ProcessKey(holder)
            if vantage.hint is not None:
                self._known[vantage.hint] = key

    def _known_by(self, hint: str | None) -> ProcessKey | None:
        """The process that a name was seen to stand for, if it is still the same one."""
        key = None if hint is None else self._known.get(hint)
        return key if key is not None and key.is_current else None

    async def _holders(self, ports: Iterable[int]) -> dict[int, int]:
        """Those who ask while one look at the tables lasts share the next.

        Where thousands of connections were closed a moment ago a look takes tens of milliseconds:
        one for each of a crowd would stop the loop for seconds.
        """
        self._ports.update(ports)
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look())
        return await asyncio.shield(self._next_look)

    async def _look(self) -> dict[int, int]:
        async with self._looking:
            ports, self._ports, self._next_look = self._ports, set(), None
            return await asyncio.to_thread(lambda: holders_of(ports, self._pids()))

    def _pids(self) -> list[int]:
        try:
            root = psutil.Process(self._root)
            return [*(child.pid for child in root.children(recursive=True)), root.pid]
        except psutil.Error:
            return []


class ByMonitor:
    """The monitor's counters tell (see the module's theory)."""

    name = "monitor counters"
    must_stay_warm = True
    scratch_jobs = 0
    _ROUNDS = 12
    _CLOSED_AT_MOST = 3

    def __init__(
        self,
        read: Callable[[Vantage], Awaitable[Counters]],
        scratch_job: Callable[[Vantage], AbstractAsyncContextManager[None]],
    ) -> None:
        self.watch = CounterWatch(read)
        self._scratch_job = scratch_job
        self._count = 0
        #: How many looks in turn found that the connection in question had been closed.
        self._closed = 0
        self._last: dict[str, Counters] = {}

    async def identify(
        self, vantages: Sequence[Vantage], anchors: Sequence[Vantage], *, complete: bool
    ) -> None:
        """Sort `vantages` into the anchors' workers and new ones.

        Raises Inconclusive where the counters do not tell, RequestsBalanced where they prove that
        one connection leads to several workers.
        """
        known = list(anchors)
        by_counters = self._recognise if complete else self._confirm
        await by_counters([one for one in vantages if one.worker is None], known)
        unsorted = [vantage for vantage in vantages if vantage.worker is None]
        for _ in range(self._ROUNDS + len(unsorted)):
            if not unsorted:
                return
            asked = unsorted[0]
            same = await self._same_worker(asked, [*known, *unsorted])
            if same is None:
                continue
            label = await self._label_of(same, known, complete=complete)
            if label is None:
                continue
            for vantage in same:
                vantage.worker = label
            known.append(asked)
            unsorted = [vantage for vantage in unsorted if vantage.worker is None]
        if unsorted:
            raise Inconclusive("the monitor's counters do not tell the workers apart")

    async def keep(self, anchor: Vantage) -> None:
        """Note its counters; raises RequestsBalanced as `identify` does."""
        await self._look([anchor])

    async def _recognise(self, unsorted: list[Vantage], anchors: list[Vantage]) -> None:
        """Sort those whose counters lie between two looks at one anchor and at no other.

        Those that lie between none are the worker's that was lost from view and has counted on.
        """
        for vantage, counters, fitting in await self._compared(unsorted, anchors):
            workers = {anchor.worker for anchor in fitting}
            if not workers:
                workers = {self._counted_on(counters, anchors)} - {None}
            if len(workers) == 1:
                vantage.worker = workers.pop()

    async def _confirm(self, unsorted: list[Vantage], anchors: list[Vantage]) -> None:
        """Sort those whose counters fit one anchor, and rise with a scratch job there.

        Where there may be workers yet to be found, that counters fit is not enough: a new one's
        may. Both together are as good as a rise that is seen twice, and cost half as much.
        """
        await self._set_apart(anchors)
        fitting_one: dict[Vantage, list[Vantage]] = {}
        for vantage, _, fitting in await self._compared(unsorted, anchors):
            if len(fitting) == 1:
                fitting_one.setdefault(fitting[0], []).append(vantage)
        for anchor, fitting in fitting_one.items():
            label = anchor.worker
            risen = await self._risen(anchor, [anchor, *fitting])
            if anchor in risen and anchor.worker == label:
                for vantage in risen:
                    vantage.worker = label

    async def _set_apart(self, anchors: list[Vantage]) -> None:
        """Scratch jobs until no two anchors count alike, as they do where each had its share."""
        for _ in range(2 * len(anchors)):
            seen = [_never_falling(counters) for counters in await self._look(anchors)]
            twins = [one for place, one in enumerate(anchors) if seen[place] in seen[:place]]
            if not twins:
                return
            self.scratch_jobs += 1
            async with self._scratch_job(twins[-1]):
                pass

    async def _compared(
        self, unsorted: list[Vantage], anchors: list[Vantage]
    ) -> list[tuple[Vantage, Counters, list[Vantage]]]:
        """What each counts, and the anchors that counted less before and no less afterwards.

        Nothing without anchors, or where one was reopened meanwhile: it may have been the one to
        compare with.
        """
        if not anchors:
            return []
        before = await self._look(anchors)
        seen = await self._look(unsorted)
        after = await self._look(anchors)
        if any(anchor.worker is None for anchor in anchors):
            return []
        looks = list(zip(anchors, before, after, strict=True))
        return [
            (vantage, counters, [one for one, low, high in looks if _lies(low, counters, high)])
            for vantage, counters in zip(unsorted, seen, strict=True)
        ]

    async def _same_worker(self, asked: Vantage, watched: list[Vantage]) -> list[Vantage] | None:
        """Those of `watched` that look where `asked` looks; None when that was not clear.

        Raises Inconclusive where connections do not stay open for long enough to tell.
        """
        port = asked.port
        once = await self._risen(asked, watched)
        same = await self._risen(asked, [vantage for vantage in watched if vantage in once])
        self._closed = 0 if asked.port == port else self._closed + 1
        if self._closed == self._CLOSED_AT_MOST:
            self._closed = 0
            raise Inconclusive("connections are closed before enough was asked on one of them")
        labels = {vantage.worker for vantage in same if vantage.worker}
        return same if asked in same and len(labels) <= 1 else None

    async def _risen(self, asked: Vantage, watched: list[Vantage]) -> list[Vantage]:
        before = await self._look(watched)
        ports = [vantage.port for vantage in watched]
        self.scratch_jobs += 1
        async with self._scratch_job(asked):
            during = await self._look(watched)
        after = await self._look(watched)
        looks = zip(watched, ports, before, during, after, strict=True)
        return [
            vantage
            for vantage, port, low, middle, high in looks
            # What was reopened meanwhile may have looked at two workers.
            if port is not None and vantage.port == port
            if _rose("active_jobs", low, middle) and _rose("dispatched_owned", low, high)
        ]

    async def _look(self, vantages: list[Vantage]) -> list[Counters]:
        seen = list(await asyncio.gather(*(self.watch.read(vantage) for vantage in vantages)))
        for vantage, counters in zip(vantages, seen, strict=True):
            if vantage.worker is not None and counters:
                self._last[vantage.worker] = counters
        return seen

    async def _label_of(
        self, same: list[Vantage], known: list[Vantage], *, complete: bool
    ) -> str | None:
        """What to call the worker behind `same`; None when that is not clear.

        Others' jobs can hide a rise: where all workers were known, a connection that counts what
        a known worker counts is that worker's, whatever the scratch jobs showed.
        """
        for vantage in same:
            if vantage.worker:
                return vantage.worker
        before = await self._look(known)
        [counters] = await self._look(same[:1])
        after = await self._look(known)
        if complete and any(
            _lies(low, counters, high) for low, high in zip(before, after, strict=True)
        ):
            return None
        label = self._counted_on(counters, known) or self._new_label()
        self._last[label] = counters
        return label

    def _counted_on(self, seen: Counters, known: list[Vantage]) -> str | None:
        """The one worker lost from view that may have counted on to `seen`."""
        in_view = {vantage.worker for vantage in known}
        fitting = [
            label
            for label, last in self._last.items()
            if label not in in_view
            and all(name in last and last[name] <= seen.get(name, -1) for name in NEVER_FALL)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _new_label(self) -> str:
        self._count += 1
        return f"monitor-{self._count}"


def _expect_no_front(pid: int) -> None:
    with suppress(psutil.Error):
        name = psutil.Process(pid).name()
        if name in _FRONTS:
            raise Inconclusive(
                f"{name} holds the server's end of the connection: process_root names a front, "
                "not the target's master process"
            )


def _lies(low: Counters, seen: Counters, high: Counters) -> bool:
    """Whether what was `seen` lies between two looks at a worker's counters that never fall."""
    return all(
        name in seen and low.get(name, 0) <= seen[name] <= high.get(name, 0) for name in NEVER_FALL
    )


def _never_falling(counters: Counters) -> tuple[int, ...]:
    return tuple(counters.get(name, 0) for name in NEVER_FALL)


def _rose(name: str, before: Counters, after: Counters) -> bool:
    """Whether a counter rose; one that the target does not have never contradicts."""
    return name not in after or after[name] > before.get(name, 0)
