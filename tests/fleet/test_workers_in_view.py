"""A fleet keeps its connections open, and looks for workers that are out of view."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, pairwise

from queueproof.targets import connection_warmer
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import ByUrl
from queueproof.targets.upkeep import Upkeep, upkeep_within
from queueproof.targets.vantage import Vantage

from .. import virtual_time
from .fleets import Elsewhere, on, ping


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
