"""A fleet reads answers for what names a worker, and opens again what nobody holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest

from queueproof.errors import Inconclusive
from queueproof.targets import connection_opener
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import ByHeader, ByProcess
from queueproof.targets.vantage import Vantage

from .fleets import InTurn, on, ping


def test_each_way_of_sorting_brings_its_headers_to_every_connection() -> None:
    async def change(fleet: Fleet) -> None:
        [kept] = fleet.some(1)
        for identifier, headers in (
            (ByHeader("X-Worker"), ("X-Worker", "")),
            (ByProcess(1, hint_header="X-Pid"), ("", "X-Pid")),
            (InTurn("x"), ("", "")),
        ):
            fleet.sort_by(identifier)
            [fresh] = fleet._opener._make(1)
            for vantage in (kept, fresh):
                assert (vantage.worker_header, vantage.hint_header) == headers
            assert kept.worker is None
        assert fleet._opener.turns._value == connection_opener._OPENERS

    on(change, "x", expected=1)


def test_where_sorting_is_dear_connections_are_opened_for_one_at_a_time() -> None:
    async def change(fleet: Fleet) -> None:
        dear = InTurn("x")
        dear.must_stay_warm = True
        fleet.sort_by(dear)
        assert fleet._opener.turns._value == 1

    on(change, "x", expected=1)


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


async def borrow(*, lapses: Sequence[int]) -> str | None:
    fleet = Fleet(("http://127.0.0.1:1",), identifier=Forgetful(lapses=lapses), ping=ping)
    try:
        await fleet.discover(expected=1)
        fleet._connections.pool.clear()
        async with fleet.vantage(fleet.workers[0]) as vantage:
            return vantage.worker
    finally:
        await fleet.close()


def test_a_connection_that_nobody_holds_any_more_is_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_opener, "_UNSORTED_S", 0.0)

    assert asyncio.run(borrow(lapses=[1, 2])) == "worker"


def test_connections_that_nobody_ever_holds_are_inconclusive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_opener, "_UNSORTED_S", 0.0)

    with pytest.raises(Inconclusive, match="nobody holds"):
        asyncio.run(borrow(lapses=range(1, 50)))
