"""Idle connections are kept open, and workers out of view are looked for."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, pairwise
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.targets import connection_warmer
from queueproof.targets.connection_warmer import ConnectionWarmer
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import ByUrl
from queueproof.targets.resting import RestingTime
from queueproof.targets.sorted_connections import SortedConnections
from queueproof.targets.upkeep import Upkeep, upkeep_within
from queueproof.targets.vantage import Vantage

from .. import virtual_time
from .fleets import ONE, Elsewhere, on, ping


def test_an_anchor_that_moved_is_replaced_by_one_that_stands_by() -> None:
    async def look(fleet: Fleet) -> None:
        substitute = fleet._connections.pool.latest(9)[0]
        fleet._connections.anchors["x"].worker = None
        fleet._warmer._look_for_lost_workers()
        assert fleet._connections.anchors["x"] is substitute
        assert fleet._warmer._seeking is None, "nobody is out of view"

    on(look, "x", expected=1)


def test_where_none_stands_by_one_is_looked_for_until_it_is_found() -> None:
    async def look(fleet: Fleet) -> None:
        fleet._connections.pool.clear()
        fleet._connections.anchors["x"].worker = None
        fleet._warmer._look_for_lost_workers()
        seeking = fleet._warmer._seeking
        assert seeking is not None
        fleet._warmer._look_for_lost_workers()
        assert fleet._warmer._seeking is seeking, "once is enough"
        for _ in range(100):
            await asyncio.sleep(0)
        assert set(fleet._connections.anchors) == {"x", "y"}
        assert fleet._connections.anchors["x"].worker == "x"

    on(look, "x", "y", expected=2)


def test_nobody_is_found_where_nobody_is() -> None:
    async def look(fleet: Fleet) -> None:
        fleet._connections.pool.clear()
        del fleet._connections.anchors["x"]
        made = len(fleet._connections.every)
        fleet._warmer._look_for_lost_workers()
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(fleet._connections.every) - made == connection_warmer._SEEK_TRIES * 4
        assert set(fleet._connections.anchors) == {"y"}

    on(look, "x", "y", stays=True, expected=2)


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
    assert virtual_time.run(longest_pause_beside_a_slow_worker) < 0.3


async def upkeep_of_three_workers(requests_per_s: float | None) -> tuple[int, int]:
    """How many requests it takes to find three workers, and to keep them in view for a while."""
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
        await asyncio.sleep(upkeep.rests_s[0] + 3 * upkeep.warm_every_s)
    finally:
        await fleet.close()
    return to_find, asked


def test_where_requests_are_limited_little_is_asked_for_the_harness_s_own_sake() -> None:
    """The rest of eight a second is for the cases."""
    freely, warming_freely = virtual_time.run(lambda: upkeep_of_three_workers(None))
    sparing, warming = virtual_time.run(lambda: upkeep_of_three_workers(8.0))

    assert sparing < freely / 3
    assert 0 < warming < warming_freely


# -- keeping warm, without a fleet ---------------------------------------------------------------


class Idle:
    """A connection that was last used so many seconds ago, on the running clock."""

    def __init__(self, name: str, worker: str | None, idle_s: float = 0.0) -> None:
        self.name = name
        self.url = ONE
        self.worker = worker
        self.port = 1
        self.used_s = time.monotonic() - idle_s

    @property
    def idle_s(self) -> float:
        return time.monotonic() - self.used_s

    def __repr__(self) -> str:
        return self.name


class Warming:
    """A warmer whose identifier and opener note what is asked, and when."""

    name = "warming"
    scratch_jobs = 0
    must_stay_warm = True

    def __init__(self, *, upkeep: Upkeep | None = None) -> None:
        self.connections: Any = SortedConnections(self)
        self.told: list[tuple[str, str, float]] = []
        self.opened = 0
        self.finds: dict[int, str] = {}
        self.error: Exception | None = None
        self.took_s = 0.0
        self.turns = asyncio.Semaphore(1)
        opener: Any = self
        self.warmer = ConnectionWarmer(self.connections, opener, upkeep or Upkeep(batch=2))

    def note(self, what: str, one: Any) -> None:
        self.told.append((what, str(one), round(time.monotonic() - 1_000.0, 3)))

    async def keep(self, one: Any) -> None:
        await self.ask("keep", one)

    async def ping(self, one: Any) -> None:
        await self.ask("ping", one)

    async def ask(self, what: str, one: Any) -> None:
        self.note(what, one)
        await asyncio.sleep(self.took_s)
        if self.error:
            raise self.error
        one.used_s = time.monotonic()

    async def open(self, number: int) -> list[Any]:
        self.opened += 1
        self.note("open", number)
        worker = self.finds.get(self.opened)
        made = [Idle(f"new {self.opened}", worker)]
        self.connections.every.update(made)
        return made

    def has(self, *made: Any) -> None:
        self.connections.every.update(made)
        for one in made:
            self.connections.shelve(one)

    async def end(self) -> None:
        for task in self.warmer.tasks:
            task.cancel()
        await asyncio.gather(*self.warmer.tasks, return_exceptions=True)


def warmed(scenario: Callable[[Warming], Awaitable[None]], **how: Any) -> Warming:
    async def run() -> Warming:
        made = Warming(**how)
        try:
            await scenario(made)
        finally:
            await made.end()
        return made

    return virtual_time.run(run)


def test_anchors_are_kept_and_other_idle_connections_pinged() -> None:
    async def scenario(made: Warming) -> None:
        made.has(Idle("anchor", "x", idle_s=0.1), Idle("idle", "x", idle_s=0.1))
        made.warmer.start()
        await asyncio.sleep(0.7)

    assert warmed(scenario).told == [("keep", "anchor", 0.6), ("ping", "idle", 0.6)]


def test_what_was_used_since_the_last_look_is_not_asked() -> None:
    async def scenario(made: Warming) -> None:
        made.has(Idle("old", "x", idle_s=0.01), Idle("new", "y"))
        made.warmer.start()
        await asyncio.sleep(0.6)

    told = warmed(scenario, upkeep=Upkeep(warm_every_s=0.5)).told
    assert told == [("keep", "old", 0.5)]


def test_of_each_worker_so_many_are_kept_warm_besides_its_anchor() -> None:
    async def scenario(made: Warming) -> None:
        made.has(*(Idle(f"idle {number}", "x", idle_s=1.0) for number in range(5)))
        made.warmer.start()
        await asyncio.sleep(0.65)

    told = warmed(scenario, upkeep=Upkeep(kept_warm=2)).told
    assert [name for _, name, _ in told] == ["idle 0", "idle 3", "idle 4"]


def test_one_that_is_being_asked_is_not_asked_again_meanwhile() -> None:
    async def scenario(made: Warming) -> None:
        made.took_s = 1.5
        made.has(Idle("anchor", "x", idle_s=1.0))
        made.warmer.start()
        await asyncio.sleep(1.9)
        assert len(made.warmer.tasks) == 2
        await asyncio.sleep(0.4)
        assert len(made.warmer.tasks) == 1

    assert [at_s for *_, at_s in warmed(scenario).told] == [0.6]


def test_what_does_not_answer_is_asked_again_at_the_next_look() -> None:
    async def scenario(made: Warming) -> None:
        made.error = Inconclusive("who knows")
        anchor = Idle("anchor", "x", idle_s=1.0)
        made.has(anchor)
        await made.warmer._warm(anchor)
        made.told.clear()
        made.warmer.start()
        await asyncio.sleep(1.3)

    assert [at_s for *_, at_s in warmed(scenario).told] == [0.6, 1.2]


def test_without_sorting_an_anchor_is_a_connection_like_others() -> None:
    async def scenario(made: Warming) -> None:
        anchor = Idle("anchor", "x", idle_s=1.0)
        made.has(anchor)
        made.connections.identifier = None
        await made.warmer._warm(anchor)

    assert [what for what, *_ in warmed(scenario).told] == ["ping"]


def test_it_is_begun_once_and_has_nothing_under_way_before() -> None:
    async def scenario(made: Warming) -> None:
        assert made.warmer.tasks == []
        made.warmer.start()
        made.warmer.start()
        assert len(made.warmer.tasks) == 1

    warmed(scenario)


def lose(made: Warming, *keys: str) -> None:
    """Workers that were met, and that no connection stands for any more."""
    for key in keys:
        made.connections.known.meet(key, ONE)
    made.warmer._look_for_lost_workers()


def test_a_lost_worker_is_looked_for_by_rushes_until_it_is_found() -> None:
    async def scenario(made: Warming) -> None:
        made.finds = {2: "x"}
        lose(made, "x")
        await asyncio.sleep(1.0)
        assert made.connections.anchors["x"].name == "new 2"
        assert made.warmer._seeking is not None
        assert made.warmer._seeking.done()

    assert [(what, number) for what, number, _ in warmed(scenario).told] == [("open", "2")] * 2


def test_one_that_is_not_found_is_looked_for_again_after_a_pause() -> None:
    async def scenario(made: Warming) -> None:
        lose(made, "x")
        await asyncio.sleep(1.99)
        lose(made, "x")
        assert made.opened == 4
        await asyncio.sleep(0.02)
        lose(made, "x")
        await asyncio.sleep(0.1)

    assert warmed(scenario).opened == 8


def test_a_search_waits_for_its_turn_and_fails_quietly() -> None:
    async def scenario(made: Warming) -> None:
        await made.turns.acquire()
        lose(made, "x")
        await asyncio.sleep(5.0)
        assert made.opened == 0

        async def fails(_: int) -> list[Any]:
            raise Inconclusive("nobody holds the connection")

        made.open = fails
        made.turns.release()
        await asyncio.sleep(0.1)
        assert made.warmer._seeking is not None
        assert made.warmer._seeking.exception() is None

    warmed(scenario)


def test_nobody_is_looked_for_where_nobody_is_lost() -> None:
    async def scenario(made: Warming) -> None:
        made.has(Idle("anchor", "x"))
        made.warmer._look_for_lost_workers()
        assert made.warmer.tasks == []

    warmed(scenario)


def test_a_look_goes_after_those_that_are_lost() -> None:
    async def scenario(made: Warming) -> None:
        made.connections.known.meet("x", ONE)
        made.warmer.start()
        await asyncio.sleep(0.61)

    assert warmed(scenario).opened == 4


def test_where_rests_are_learnt_one_is_left_alone_for_longer_until_all_may_rest() -> None:
    async def scenario(made: Warming) -> None:
        made.connections.resting = RestingTime(3.0, 24.0)
        anchor, first, second = Idle("anchor", "x"), Idle("first", "x", idle_s=0.1), Idle("2", "x")
        made.has(anchor, first, second)
        made.warmer.start()
        await asyncio.sleep(8.5)
        assert [name for _, name, _ in made.told] == ["anchor", "2"] * 2
        await asyncio.sleep(2.0)
        assert made.told[-1][:2] == ("ping", "first")
        made.connections.resting.outlived(9.0)
        made.told.clear()
        await asyncio.sleep(5.0)

    assert warmed(scenario, upkeep=Upkeep(warm_every_s=1.0)).told == []


def test_an_anchor_that_is_kept_shows_how_long_it_could_rest() -> None:
    async def scenario(made: Warming) -> None:
        made.connections.resting = RestingTime(3.0, 24.0)
        anchor = Idle("anchor", "x", idle_s=10.0)
        made.has(anchor)
        await made.warmer._warm(anchor)
        assert made.connections.resting.safe_s == pytest.approx(8.0)

    warmed(scenario)
