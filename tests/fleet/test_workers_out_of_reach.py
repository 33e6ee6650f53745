"""What is tried for a worker that no idle connection leads to, and what is said in the end."""

from __future__ import annotations

import pytest

from queueproof.errors import Inconclusive
from queueproof.targets import connection_lending
from queueproof.targets.fleet import Fleet
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER, Worker

from .fleets import letters, on


def test_a_worker_that_no_connection_leads_to_any_more_is_named_with_those_that_are_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_lending, "_TRIES", 5)

    async def look(fleet: Fleet) -> None:
        gone = fleet.workers[0]
        fleet._connections.pool.clear()
        with pytest.raises(Inconclusive) as told:
            async with fleet.vantage(gone):
                pass
        assert str(told.value) == (
            "worker a went away, or accepts no connection any more: 5 tries all led to b; the "
            "target's log may tell why"
        )
        assert letters(fleet) == "ab", "nobody stands in its place"

    on(look, "x", "y", stays=True, expected=2)


def test_a_newcomer_takes_the_place_of_one_who_is_not_met_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_lending, "_TRIES", 5)

    async def look(fleet: Fleet) -> None:
        gone = fleet.workers[0]
        fleet._connections.pool.clear()
        opened = len(fleet._connections.every)
        for more in (5, 0):
            with pytest.raises(Inconclusive, match="worker a went away"):
                async with fleet.vantage(gone):
                    pass
            assert letters(fleet) == "bc"
            assert len(fleet._connections.every) == opened + more, "once it is looked for"
            opened += more

    on(look, "x", "y", "y", "y", "z", stays=True, expected=2)


def opened_for(*, costly: bool, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many connections are opened at each try for a worker that is not met, and beside how
    many that keep the others busy.
    """
    opened: list[tuple[int, int]] = []
    monkeypatch.setattr(connection_lending, "_TRIES", 12)
    monkeypatch.setattr(connection_lending, "_COSTLY_TRIES", 4)

    async def look(fleet: Fleet) -> None:
        assert fleet.identifier is not None
        fleet.identifier.must_stay_warm = costly
        fleet._connections.pool.clear("x")
        make = fleet._opener._make

        def counted(number: int) -> list[Vantage]:
            opened.append((number, len(fleet._connections.pool.latest(99))))
            return make(number)

        monkeypatch.setattr(fleet._opener, "_make", counted)
        with pytest.raises(Inconclusive, match=f"{4 if costly else 12} tries"):
            async with fleet.vantage(fleet.workers[0]):
                pass

    on(look, "x", "y", stays=True, expected=2)
    return opened


def test_a_worker_that_is_out_of_view_is_looked_for_by_single_connections_then_in_company(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = opened_for(costly=False, monkeypatch=monkeypatch)

    assert [number for number, _ in tries] == [1] * 12
    standing = [left for _, left in tries]
    assert standing[:8] == list(range(standing[0], standing[0] + 8)), "alone, at first"
    assert standing[8] == max(0, standing[7] + 1 - Upkeep().company), "then others are kept busy"


def test_where_sorting_is_dear_it_is_looked_for_by_many_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = opened_for(costly=True, monkeypatch=monkeypatch)

    assert [number for number, _ in tries] == [1, 8, 8, 8]


def test_a_connection_that_any_worker_may_have_is_told_of_when_none_stays_open() -> None:
    async def look(fleet: Fleet) -> None:
        told = fleet._lender._not_reached(ANY_WORKER, 80)
        assert str(told) == "in 80 tries no connection stayed open for a second answer"
        nobody = fleet._lender._not_reached(Worker("q", "never"), 3)
        assert "worker q went away, or accepts no connection any more: 3 tries" in str(nobody)
        assert "all led to a, b;" in str(nobody)
        fleet.forget_workers()
        assert "all led to nobody;" in str(fleet._lender._not_reached(Worker("q", "never"), 3))

    on(look, "x", "y", expected=2)
