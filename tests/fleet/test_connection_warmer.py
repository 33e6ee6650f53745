"""Idle connections are kept open, and workers out of view are looked for, without a fleet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.targets.connection_warmer import ConnectionWarmer
from queueproof.targets.resting import RestingTime
from queueproof.targets.sorted_connections import SortedConnections
from queueproof.targets.upkeep import Upkeep

from .. import virtual_time
from .fleets import ONE


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
