"""A fleet lends connections to the worker asked for, whatever becomes of single ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest

from queueproof.errors import Inconclusive
from queueproof.targets import fleet as module
from queueproof.targets.fleet import Fleet
from queueproof.targets.vantage import Vantage


class Forgetful:
    """Knows the worker, except when it is asked at one of the `lapses`."""

    name = "forgetful"
    scratch_jobs = 0
    must_stay_warm = False

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
        fleet._shelves.clear()
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
        fleet._shelves.put(the_only_one)
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
        fleet._shelves.put(the_only_one)
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
