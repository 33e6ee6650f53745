"""How a fleet looks for workers: how many connections it opens, beside whom, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from queueproof.errors import TargetUnreachable
from queueproof.targets import fleet as fleet_module
from queueproof.targets.fleet import Fleet
from queueproof.targets.pinning import BALANCED
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER

from .. import virtual_time
from .fleets import ONE, TWO, InTurn, Task, ping


class Opened:
    """What was opened in turn, each time: how many, and beside how many."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.batches: list[tuple[int, int]] = []
        self.complete: set[bool] = set()
        self.open = fleet._opener.open_in_turn
        fleet._opener.open_in_turn = self.noted

    async def noted(self, number: int, company: list[Vantage]) -> list[Vantage]:
        self.batches.append((number, len(company)))
        self.complete.add(self.fleet._known.complete)
        return await self.open(number, company)


def searched(
    *keys: str,
    expected: int | None,
    tries: int | None = None,
    then: Task | None = None,
    upkeep: Upkeep | None = None,
    stays: bool = False,
) -> list[tuple[int, int]]:
    """The batches of a search for workers, among whom connections are spread in turn."""

    async def run() -> list[tuple[int, int]]:
        identifier = InTurn(*keys, stays=stays)
        upkept = upkeep or Upkeep(batch=2, barren=3, company=1)
        fleet = Fleet((ONE,), identifier=identifier, ping=ping, upkeep=upkept)
        opened = Opened(fleet)
        try:
            bounds = {} if tries is None else {"tries": tries}
            await fleet.discover(expected=expected, **bounds)
            if then is not None:
                opened.batches.clear()
                await then(fleet)
        finally:
            await fleet.close()
        assert opened.complete == {False}, "nothing is complete while it is looked for"
        return opened.batches

    return virtual_time.run(run)


def test_a_search_ends_when_all_that_are_expected_were_met() -> None:
    assert searched("x", "y", "z", expected=3) == [(2, 0), (2, 0)]
    assert searched("x", expected=1) == [(2, 0)]


def test_it_ends_where_no_new_one_turns_up_beside_those_that_are_kept_busy() -> None:
    """Three batches in a row; company is of each worker, and only where the last was barren."""
    assert searched("x", "y", expected=None) == [(2, 0), (2, 0), (2, 2), (2, 2)]


def test_a_new_one_begins_the_count_anew() -> None:
    """Idle connections are company; the anchors of workers are not."""
    batches = searched("x", "x", "x", "x", "y", "y", expected=None, stays=True)

    assert [number for number, _ in batches] == [2] * 6
    assert [bool(company) for _, company in batches] == [False, False, True, False, True, True]


def test_it_ends_after_so_many_connections() -> None:
    assert len(searched("x", "y", expected=9, tries=5, upkeep=Upkeep(batch=2, barren=99))) == 3
    assert len(searched("x", "y", expected=9, tries=4, upkeep=Upkeep(batch=2, barren=99))) == 2
    assert len(searched("x", "y", expected=9, upkeep=Upkeep(batch=6, barren=99))) == 8


def test_where_it_was_looked_before_the_first_are_opened_beside_company() -> None:
    async def again(fleet: Fleet) -> None:
        await fleet.discover(expected=2)

    assert searched("x", "y", "x", "y", expected=2, then=again) == [(2, 0)]

    async def with_idle(fleet: Fleet) -> None:
        async with fleet.vantage(fleet.workers[0]):
            pass
        await fleet.discover(expected=2)

    assert searched("x", "y", "x", "y", expected=2, then=with_idle) == [(2, 1)]


def test_a_search_for_whoever_may_be_new_ends_after_three_batches() -> None:
    async def again(fleet: Fleet) -> None:
        await fleet.discover(expected=None)

    assert len(searched("x", "y", expected=2, then=again)) == 3


def test_what_leads_nowhere_is_forgotten_before_a_search() -> None:
    async def look(fleet: Fleet) -> None:
        pool = fleet._connections.pool
        lost = Vantage(ONE)
        fleet._connections.every.add(lost)
        pool.put(lost)
        await fleet.discover(expected=1)
        assert lost not in pool.latest(9)

    searched("x", expected=1, then=look)


def test_a_search_keeps_warm_what_was_dear_to_sort() -> None:
    async def run(*, costly: bool) -> int:
        identifier = InTurn("x")
        identifier.must_stay_warm = costly
        fleet = Fleet((ONE,), identifier=identifier, ping=ping)
        await fleet.discover(expected=1)
        await fleet.discover(expected=1)
        tasks = len(fleet._warmer.tasks)
        await fleet.close()
        assert all(task.done() for task in fleet._warmer.tasks)
        return tasks

    assert virtual_time.run(lambda: run(costly=True)) == 1
    assert virtual_time.run(lambda: run(costly=False)) == 0


def test_what_is_being_opened_is_given_up_when_the_fleet_is_closed() -> None:
    told: list[object] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
        fleet = Fleet((ONE,), identifier=InTurn("x"), ping=ping)
        await fleet.discover(expected=1)
        fleet._connections.pool.clear()

        async def never(*_: Any) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.5)
                told.append("it has ended")

        fleet._lender._open_towards = never
        waiting = asyncio.create_task(fleet.vantage(fleet.workers[0]).__aenter__())
        await asyncio.sleep(0.1)
        [opening] = fleet._lender.tasks
        await fleet.close()
        assert opening.cancelled()
        assert fleet._lender.tasks == []
        assert told == ["it has ended"]
        await asyncio.gather(waiting, return_exceptions=True)

    virtual_time.run(run)


# -- what stands in front ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "because", "told"),
    [
        ({}, "", ""),
        ({TWO: "nginx"}, "", "nginx"),
        ({ONE: "caddy", TWO: "nginx"}, "", "caddy"),
        ({}, f"{BALANCED}: 3 workers", "a front that balances requests"),
        ({TWO: "nginx"}, f"{BALANCED}: 3 workers", "nginx"),
        ({}, "no header", ""),
    ],
)
def test_what_is_known_to_stand_in_front_is_named(
    named: dict[str, str], because: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_module, "in_front_of", lambda url: named.get(url, ""))
    fleet = Fleet((ONE, TWO), identifier=None, ping=ping)
    fleet.unsorted_because = because

    assert fleet.in_front == told


@pytest.mark.parametrize("header", ["", "X-Worker"])
def test_answers_are_read_for_the_header_that_names_their_worker(header: str) -> None:
    async def run() -> None:
        named = {"worker_header": header} if header else {}
        fleet = Fleet((ONE,), identifier=None, ping=ping, **named)
        async with fleet.vantage() as lent:
            assert lent.worker_header == header
        await fleet.close()

    virtual_time.run(run)


def test_sorting_may_be_given_up_without_a_reason() -> None:
    async def run() -> str:
        fleet = Fleet((ONE,), identifier=InTurn("x"), ping=ping)
        await fleet.stop_sorting()
        await fleet.close()
        return fleet.unsorted_because

    assert virtual_time.run(run) == ""


def test_a_fleet_begins_with_nothing_known() -> None:
    fleet = Fleet((ONE, TWO), identifier=None, ping=ping)

    assert (fleet.unsorted_because, fleet.tried, fleet.workers) == ("", [], ())
    assert fleet.upkeep == Upkeep()
    assert fleet.addresses.urls == (ONE, TWO)
    assert fleet.one_worker_a_url is False


def test_each_url_is_asked_whether_it_refuses() -> None:
    asked: list[Vantage] = []

    async def ask(vantage: Vantage) -> None:
        asked.append(vantage)
        if vantage.url == ONE:
            raise TargetUnreachable("it refuses")

    async def run() -> Sequence[str]:
        fleet = Fleet((ONE, TWO), identifier=None, ping=ask)
        await fleet.look_at_urls()
        return fleet.addresses.down

    assert virtual_time.run(run) == (ONE,)
    assert [one.url for one in asked] == [ONE, TWO]
    assert all(one.client.is_closed for one in asked)


def test_any_worker_is_lent_where_none_is_named() -> None:
    async def run() -> None:
        fleet = Fleet((ONE,), identifier=None, ping=ping)
        await fleet.discover(expected=None)
        async with fleet.vantage() as lent:
            assert fleet.worker_of(lent) is ANY_WORKER
        await fleet.close()

    virtual_time.run(run)
