"""A fleet finds the workers, and tells which of them went away."""

from __future__ import annotations

import asyncio
import time

import pytest

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.targets import connection_lending
from queueproof.targets import fleet as fleet_module
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import ByUrl
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER

from .fleets import ONE, TWO, letters, on, ping, refusing


def test_sorting_that_is_given_up_says_why() -> None:
    async def give_up(fleet: Fleet) -> None:
        await fleet.stop_sorting("a front balances every request")
        assert fleet.unsorted_because == "a front balances every request"
        assert fleet.workers == fleet.first_workers == (ANY_WORKER,)
        async with fleet.vantage() as lent:
            assert fleet.worker_of(lent) == ANY_WORKER

    on(give_up, "x", "y")


def test_those_that_stand_by_are_of_different_workers_first() -> None:
    async def look(fleet: Fleet) -> None:
        assert [one.worker for one in fleet.some(2)] == ["x", "y"]
        assert len(fleet.some(1)) == 1
        assert len(fleet.some(4)) == 4
        assert fleet.some(0) == []

    on(look, "x", "y")


def test_who_went_away_since_is_told() -> None:
    async def all_there(fleet: Fleet) -> None:
        assert await fleet.gone_since(time.monotonic()) == ""

    async def one_refuses(fleet: Fleet) -> None:
        began = time.monotonic()
        assert await fleet.gone_since(began) == f"{TWO} refused connections"
        assert fleet.addresses.down == (TWO,)

    on(all_there, "x", "y")
    on(one_refuses, "x", urls=(ONE, TWO), ask=refusing(TWO))


def test_a_worker_that_is_not_reached_any_more_went_away_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_lending, "_TRIES", 3)

    async def look(fleet: Fleet) -> None:
        fleet._connections.pool.clear()
        gone = await fleet.gone_since(time.monotonic())
        assert gone.startswith("worker a went away")

    on(look, "x", "y", stays=True, expected=2)


def test_a_connection_that_never_stays_open_is_told() -> None:
    async def ask(_: Vantage) -> None:
        """Answered, and closed at once: no port is left."""

    async def look(_: Fleet) -> None:
        raise AssertionError("no worker is found")

    with pytest.raises(
        Inconclusive, match=r"^no connection stays open for longer than one answer$"
    ):
        on(look, "x", ask=ask)


def test_as_many_as_are_expected_end_the_search() -> None:
    async def look(fleet: Fleet) -> None:
        assert fleet._known.complete
        assert letters(fleet) == "ab"

    async def one_short(fleet: Fleet) -> None:
        assert not fleet._known.complete
        assert letters(fleet) == "ab"

    on(look, "x", "y", expected=2)
    on(one_short, "x", "y", expected=3)


def test_where_workers_are_not_told_apart_none_can_have_gone() -> None:
    async def look(fleet: Fleet) -> None:
        fleet._known._gone[ANY_WORKER] = "it went away"
        assert await fleet.gone_since(time.monotonic()) == ""

    on(look, sorting=False)


def test_a_worker_that_is_slow_to_be_reached_is_not_gone_and_the_next_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fleet_module, "_REACH_S", 0.05)

    async def look(fleet: Fleet) -> None:
        slow, gone = fleet.workers
        fleet._known._gone[gone] = "it went away"
        fleet._connections.pool.clear()

        async def never(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(fleet._lender, "_open_towards", never)
        assert slow.label == "a"
        assert await fleet.gone_since(time.monotonic()) == "it went away"

    on(look, "x", "y", expected=2)


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
        fleet._connections.pool.clear()
        fleet._connections.anchors.clear()
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
