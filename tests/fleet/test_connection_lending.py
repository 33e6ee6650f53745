"""A connection is lent to the worker asked for, whatever becomes of single ones."""

from __future__ import annotations

import asyncio
import time
from itertools import count

import pytest

from queueproof.errors import TargetUnreachable
from queueproof.targets.fleet import Fleet
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage

from .. import virtual_time
from .fleets import ONE, TWO, Elsewhere, InTurn, on, ping


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
        the_only_one = fleet._connections.anchors.pop("here")
        waiting = [asyncio.create_task(visit(number)) for number in range(visitors)]
        await asyncio.sleep(0)
        fleet._connections.anchors["here"] = Vantage("http://127.0.0.1:1")
        fleet._connections.pool.put(the_only_one)
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
        the_only_one = fleet._connections.anchors["here"]

        async def visit() -> None:
            async with fleet.vantage(here):
                raise AssertionError("nobody is waiting any more")

        waiting = asyncio.create_task(visit())
        await asyncio.sleep(0)
        waiting.cancel()
        fleet._connections.pool.put(the_only_one)
        await asyncio.gather(waiting, return_exceptions=True)
        async with fleet.vantage(here) as vantage:
            return vantage
    finally:
        await fleet.close()


def test_a_connection_for_one_who_gave_up_is_not_lost() -> None:
    assert asyncio.run(given_up()).worker == "here"


async def lent_to_each() -> list[tuple[str, str | None]]:
    fleet = Fleet(("http://127.0.0.1:1",), identifier=InTurn("worker-0", "worker-1"), ping=ping)
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
    fleet = Fleet(("http://127.0.0.1:1",), identifier=InTurn("worker-0", "worker-1"), ping=ping)
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


def test_one_that_is_lent_comes_back_and_is_lent_again() -> None:
    async def look(fleet: Fleet) -> None:
        async with fleet.vantage(fleet.workers[0]) as first:
            pass
        async with fleet.vantage(fleet.workers[0]) as second:
            assert second is first

    on(look, "x", expected=1)


def test_one_that_was_closed_meanwhile_is_not_lent_again() -> None:
    async def look(fleet: Fleet) -> None:
        async with fleet.vantage(fleet.workers[0]) as first:
            first.port = first.worker = None
        async with fleet.vantage(fleet.workers[0]) as second:
            assert second is not first

    on(look, "x")


def test_no_more_than_a_dozen_of_a_worker_are_kept() -> None:
    async def look(fleet: Fleet) -> None:
        worker = fleet.workers[0]
        held = [fleet.vantage(worker) for _ in range(20)]
        for one in held:
            await one.__aenter__()
        for one in held:
            await one.__aexit__(None, None, None)
        assert fleet._connections.pool.kept(worker.key) == 12

    on(look, "x")


def test_what_was_not_used_for_a_while_is_asked_before_it_is_lent() -> None:
    asked = count()

    async def ask(vantage: Vantage) -> None:
        next(asked)
        await ping(vantage)

    async def look(fleet: Fleet) -> None:
        async with fleet.vantage(fleet.workers[0]) as lent:
            before = next(asked)
        async with fleet.vantage(fleet.workers[0]):
            assert next(asked) == before + 1, "used just now"
        lent.last_used_s -= fleet.upkeep.fresh_s + 1
        async with fleet.vantage(fleet.workers[0]):
            assert next(asked) == before + 3, "asked once more"

    on(look, "x", ask=ask, expected=1)


def test_one_that_was_used_just_as_long_ago_as_it_may_be_is_lent_as_it_is() -> None:
    asked: list[Vantage] = []

    async def ask(vantage: Vantage) -> None:
        asked.append(vantage)
        await ping(vantage)

    async def run() -> None:
        fleet = Fleet((ONE,), identifier=None, ping=ask, upkeep=Upkeep(fresh_s=0.5))
        for idle_s, times in ((0.5, 1), (0.75, 2)):
            async with fleet.vantage() as lent:
                pass
            lent.last_used_s = time.monotonic() - idle_s
            async with fleet.vantage() as again:
                assert again is lent
            assert len(asked) == times
        await fleet.close()

    virtual_time.run(run)


def test_an_idle_connection_whose_server_has_gone_is_not_lent() -> None:
    down: set[str] = set()

    async def ask(vantage: Vantage) -> None:
        if vantage.url in down:
            raise TargetUnreachable(f"{vantage.url} refuses")
        await ping(vantage)

    async def one_of_two(fleet: Fleet) -> None:
        for idle in fleet._connections.pool.latest(9):
            idle.last_used_s -= 100
        down.add(ONE)
        async with fleet.vantage() as lent:
            assert lent.url == TWO

    async def the_only_one(fleet: Fleet) -> None:
        for idle in fleet._connections.pool.latest(9):
            idle.last_used_s -= 100
        down.add(ONE)
        with pytest.raises(TargetUnreachable):
            async with fleet.vantage():
                pass

    on(one_of_two, "x", "y", urls=(ONE, TWO), ask=ask, expected=2)
    down.clear()
    on(the_only_one, "x", ask=ask, expected=1)


def test_a_connection_that_leads_nowhere_known_any_more_is_closed() -> None:
    async def look(fleet: Fleet) -> None:
        worker = fleet.workers[0]
        lost = fleet._connections.pool.latest(1)[0]
        lost.worker = None
        async with fleet.vantage(worker) as lent:
            assert lent is not lost
        assert lost not in fleet._connections.every

    on(look, "x", expected=1)


def test_one_that_leads_to_another_worker_by_now_is_kept_for_that_one() -> None:
    async def look(fleet: Fleet) -> None:
        first, second = fleet.workers
        moved = fleet._connections.pool.latest(1)[0]
        moved.worker = second.key
        before = fleet._connections.pool.kept(second.key)
        async with fleet.vantage(first) as lent:
            assert lent is not moved
        assert fleet._connections.pool.kept(second.key) == before + 1

    on(look, "x", "y", expected=2)
