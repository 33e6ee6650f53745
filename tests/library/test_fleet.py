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
        fleet._idle.clear()
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
