"""A fleet lends connections to the worker asked for, whatever becomes of single ones."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from itertools import count, cycle, pairwise

import pytest

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.targets import fleet as module
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import ByUrl
from queueproof.targets.upkeep import Upkeep, upkeep_within
from queueproof.targets.vantage import Vantage


class Forgetful:
    """Knows the worker, except when it is asked at one of the `lapses`."""

    name = "forgetful"
    scratch_jobs = 0
    must_stay_warm = False

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""

    def __init__(self, *, lapses: Sequence[int]) -> None:
        self.lapses = lapses
        self.asked = count()

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        if next(self.asked) in self.lapses:
            raise Inconclusive("nobody holds the connection")
        for vantage in vantages:
            vantage.worker = "worker"


async def ping(vantage: Vantage) -> None:
    vantage.port = vantage.port or id(vantage)


async def borrow(*, lapses: Sequence[int]) -> str | None:
    fleet = Fleet(("http://127.0.0.1:1",), identifier=Forgetful(lapses=lapses), ping=ping)
    try:
        await fleet.discover(expected=1)
        fleet._pool.clear()
        async with fleet.vantage(fleet.workers[0]) as vantage:
            return vantage.worker
    finally:
        await fleet.close()


def test_a_connection_that_nobody_holds_any_more_is_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_UNSORTED_S", 0.0)

    assert asyncio.run(borrow(lapses=[1, 2])) == "worker"


def test_connections_that_nobody_ever_holds_are_inconclusive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_UNSORTED_S", 0.0)

    with pytest.raises(Inconclusive, match="nobody holds"):
        asyncio.run(borrow(lapses=range(1, 50)))


class Elsewhere:
    """Knows that every connection but the first leads to another worker."""

    name = "elsewhere"
    scratch_jobs = 0
    must_stay_warm = False

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""

    def __init__(self) -> None:
        self.sorted = count()

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        for vantage in vantages:
            vantage.worker = vantage.worker or ("there" if next(self.sorted) else "here")
        await asyncio.sleep(0)


async def in_order_of_service(visitors: int) -> list[int]:
    fleet = Fleet(("http://127.0.0.1:1",), identifier=Elsewhere(), ping=ping)
    served: list[int] = []

    async def visit(number: int) -> None:
        async with fleet.vantage(here):
            served.append(number)
            await asyncio.sleep(0)

    try:
        await fleet.discover(expected=2)
        here = next(worker for worker in fleet.workers if worker.key == "here")
        the_only_one = fleet._anchors.pop("here")
        waiting = [asyncio.create_task(visit(number)) for number in range(visitors)]
        await asyncio.sleep(0)
        fleet._anchors["here"] = Vantage("http://127.0.0.1:1")
        fleet._pool.put(the_only_one)
        await asyncio.gather(*waiting)
    finally:
        await fleet.close()
    return served


def test_who_has_waited_longest_for_a_worker_is_served_first() -> None:
    assert asyncio.run(in_order_of_service(5)) == [0, 1, 2, 3, 4]


async def given_up() -> Vantage:
    fleet = Fleet(("http://127.0.0.1:1",), identifier=Elsewhere(), ping=ping)
    try:
        await fleet.discover(expected=2)
        here = next(worker for worker in fleet.workers if worker.key == "here")
        the_only_one = fleet._anchors["here"]

        async def visit() -> None:
            async with fleet.vantage(here):
                raise AssertionError("nobody is waiting any more")

        waiting = asyncio.create_task(visit())
        await asyncio.sleep(0)
        waiting.cancel()
        fleet._pool.put(the_only_one)
        await asyncio.gather(waiting, return_exceptions=True)
        async with fleet.vantage(here) as vantage:
            return vantage
    finally:
        await fleet.close()


def test_a_connection_for_one_who_gave_up_is_not_lost() -> None:
    assert asyncio.run(given_up()).worker == "here"


class ByTurns:
    """Every other connection leads to the other worker."""

    name = "by turns"
    scratch_jobs = 0
    must_stay_warm = False

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""

    def __init__(self) -> None:
        self.sorted = count()

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        for vantage in vantages:
            vantage.worker = vantage.worker or f"worker-{next(self.sorted) % 2}"


async def lent_to_each() -> list[tuple[str, str | None]]:
    fleet = Fleet(("http://127.0.0.1:1",), identifier=ByTurns(), ping=ping)
    try:
        await fleet.discover(expected=2)
        lent = []
        for worker in (*fleet.workers, *fleet.workers):
            async with fleet.vantage(worker) as vantage:
                lent.append((worker.key, vantage.worker))
        return lent
    finally:
        await fleet.close()


def test_a_connection_is_lent_to_the_worker_asked_for_and_to_no_other() -> None:
    lent = asyncio.run(lent_to_each())

    assert len(lent) == 4
    assert all(asked == got for asked, got in lent)


async def lent_after_it_moved() -> str | None:
    """A shelf's connection that was sorted anew, to another worker, while it lay there."""
    fleet = Fleet(("http://127.0.0.1:1",), identifier=ByTurns(), ping=ping)
    try:
        await fleet.discover(expected=2)
        wanted = fleet.workers[0]
        async with fleet.vantage(wanted) as vantage:
            moved = vantage
        moved.worker = fleet.workers[1].key
        async with fleet.vantage(wanted) as vantage:
            return vantage.worker
    finally:
        await fleet.close()


def test_a_connection_that_leads_elsewhere_now_is_not_lent() -> None:
    assert asyncio.run(lent_after_it_moved()) == "worker-0"


class ByNumber(Elsewhere):
    """Every connection leads to a worker of its own, and sorting is costly."""

    name = "by number"
    must_stay_warm = True

    def __init__(self, ask: Callable[[Vantage], Awaitable[None]]) -> None:
        super().__init__()
        self.ask = ask

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        for vantage in vantages:
            vantage.worker = vantage.worker or str(next(self.sorted))

    async def keep(self, anchor: Vantage) -> None:
        await self.ask(anchor)


async def longest_pause_beside_a_slow_worker() -> float:
    """How long a kept connection went unused while another worker did not answer at all."""
    asked: dict[Vantage, list[float]] = defaultdict(list)
    slow: list[Vantage] = []

    async def answer(vantage: Vantage) -> None:
        await ping(vantage)
        slow.extend([] if slow else [vantage])
        asked[vantage].append(time.monotonic())
        vantage.last_used_s = time.monotonic()
        if vantage is slow[0] and len(asked[vantage]) > 1:
            await asyncio.sleep(60)

    fleet = Fleet(
        ("http://127.0.0.1:1",),
        identifier=ByNumber(answer),
        ping=answer,
        upkeep=Upkeep(warm_every_s=0.1),
    )
    try:
        await fleet.discover(expected=3)
        await asyncio.sleep(1.5)
    finally:
        await fleet.close()
    quick = [times for vantage, times in asked.items() if vantage is not slow[0]]
    assert all(len(times) > 3 for times in quick[:2])
    return max(later - sooner for times in quick for sooner, later in pairwise(times))


def test_a_slow_worker_does_not_keep_the_others_connections_from_being_used() -> None:
    """Unused for some seconds they would be closed, and their workers lost from view."""
    assert asyncio.run(longest_pause_beside_a_slow_worker()) < 1.0


async def upkeep_of_three_workers(requests_per_s: float | None) -> tuple[int, int]:
    """How many requests it takes to find three workers, and while they are kept in view twice."""
    asked = 0
    workers = cycle("abc")

    class InTurn(ByUrl):
        name = "in turn"
        must_stay_warm = True

        async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
            for vantage in vantages:
                vantage.worker = vantage.worker or next(workers)

        async def keep(self, anchor: Vantage) -> None:
            await answer(anchor)

    async def answer(vantage: Vantage) -> None:
        nonlocal asked
        asked += 1
        await ping(vantage)
        vantage.last_used_s = time.monotonic()

    upkeep = upkeep_within(requests_per_s)
    fleet = Fleet(("http://127.0.0.1:1",), identifier=InTurn(), ping=answer, upkeep=upkeep)
    try:
        await fleet.discover(expected=None)
        to_find, asked = asked, 0
        await asyncio.sleep(2 * upkeep.warm_every_s)
    finally:
        await fleet.close()
    return to_find, asked


def test_where_requests_are_limited_little_is_asked_for_the_harness_s_own_sake() -> None:
    """The rest of eight a second is for the cases."""
    freely, warming_freely = asyncio.run(upkeep_of_three_workers(None))
    sparing, warming = asyncio.run(upkeep_of_three_workers(8.0))

    assert sparing < freely / 3
    assert 0 < warming < warming_freely


async def served_beside(refusing: set[str], *, urls: tuple[str, ...]) -> list[str]:
    """The URLs of the workers found, and what became of asking for the one that went away."""

    async def answer(vantage: Vantage) -> None:
        if vantage.url in refusing:
            raise TargetUnreachable(f"{vantage.url} refuses connections")
        await ping(vantage)

    fleet = Fleet(urls, identifier=ByUrl(), ping=answer)
    try:
        await fleet.discover(expected=None)
        found = [worker.key for worker in fleet.workers]
        gone = fleet.workers[0]
        refusing.add(gone.key)
        fleet._pool.clear()
        fleet._anchors.clear()
        with pytest.raises(Inconclusive, match=f"worker a went away: {gone.key} refuses"):
            async with fleet.vantage(gone):
                pass
        return found
    finally:
        await fleet.close()


def test_one_url_that_refuses_does_not_end_the_run_while_another_serves() -> None:
    one, two, three = "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"

    found = asyncio.run(served_beside({two}, urls=(one, two, three)))

    assert found == [one, three]


def test_a_target_whose_only_url_refuses_is_unreachable() -> None:
    with pytest.raises(TargetUnreachable):
        asyncio.run(served_beside({"http://127.0.0.1:1"}, urls=("http://127.0.0.1:1",)))
