"""Which connection stands for a worker, which are idle, and what is closed."""

from __future__ import annotations

from typing import Any

import pytest

from queueproof.targets.sorted_connections import SortedConnections

from .. import virtual_time
from .fleets import ONE, InTurn


class Connection:
    """Notes that it was closed."""

    def __init__(self, worker: str | None = None, *, port: int | None = 1) -> None:
        self.url = ONE
        self.worker = worker
        self.port = port
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


def connections(*made: Any, sorting: bool = True) -> Any:
    """Connections of which these are open and shelved."""
    kept: Any = SortedConnections(InTurn("x") if sorting else None)
    kept.every.update(made)
    for one in made:
        kept.shelve(one)
    return kept


def test_the_first_that_leads_to_a_worker_stands_for_it_and_the_others_are_idle() -> None:
    first, second, other, nowhere = (Connection(key) for key in ("x", "x", "y", None))
    kept = connections(first, second, other, nowhere)

    assert kept.anchors == {"x": first, "y": other}
    assert kept.pool.latest(9) == [second, nowhere]
    assert [str(one) for one in kept.known.workers] == ["a", "b"]
    assert kept.known.urls_of(kept.known.workers[0]) == {ONE}


def test_what_is_closed_is_not_kept() -> None:
    kept, closed = connections(), Connection("x")
    kept.shelve(closed)

    assert (kept.anchors, kept.pool.latest(9), kept.known.workers) == ({}, [], ())


def test_without_sorting_all_are_idle_and_none_stands_for_a_worker() -> None:
    one = Connection("x")
    kept = connections(one, sorting=False)

    assert (kept.anchors, kept.known.workers) == ({}, ())
    assert kept.pool.latest(9) == [one]


@pytest.mark.parametrize(
    ("sorting", "worker", "port", "still"),
    [
        (True, "x", 7, True),
        (True, None, 7, False),
        (True, "x", None, False),
        (False, None, None, True),
    ],
)
def test_a_connection_is_sorted_while_it_is_open_and_its_worker_known(
    sorting: bool, worker: str | None, port: int | None, still: bool
) -> None:
    assert connections(sorting=sorting).still_sorted(Connection(worker, port=port)) is still


def test_sorting_is_costly_where_what_is_sorted_must_stay_open() -> None:
    kept = connections()
    assert kept.costly is False
    kept.identifier.must_stay_warm = True
    assert kept.costly is True
    assert connections(sorting=False).costly is False


def test_those_that_stand_by_are_told_anchors_first() -> None:
    first, second, nowhere = Connection("x"), Connection("x"), Connection()
    kept = connections(nowhere, first, second)

    assert kept.some(3) == [first, second]
    assert kept.some(1) == [first]
    assert kept.some(0) == []


def test_an_anchor_that_leads_elsewhere_is_replaced_by_one_that_still_leads_there() -> None:
    anchor, moved, still = Connection("x"), Connection("x"), Connection("x")
    other = Connection("y")
    kept = connections(anchor, moved, still, other)
    anchor.worker = moved.worker = "y"

    assert kept.replace_moved_anchors() == set()
    assert kept.anchors == {"x": still, "y": other}
    assert still not in kept.pool.latest(9)
    still.worker = None
    assert kept.replace_moved_anchors() == {"x"}
    assert kept.anchors == {"y": other}


def test_of_a_worker_that_is_no_more_nothing_is_lent() -> None:
    anchor, idle, other = Connection("x"), Connection("x"), Connection("y")
    kept = connections(anchor, idle, other, Connection("y"))
    gone = kept.known.workers[0]
    kept.retire(gone, "it was killed")

    assert kept.anchors == {"y": other}
    assert [one.worker for one in kept.pool.latest(9)] == ["y"]
    assert kept.known.why_gone(gone) == "it was killed"
    [left] = kept.known.workers
    kept.retire(left)
    assert kept.known.why_gone(left) is None, "nobody said why"


def test_what_is_forgotten_is_unsorted_and_stays_open() -> None:
    anchor, idle = Connection("x"), Connection("x")
    kept = connections(anchor, idle)
    kept.forget_workers()

    assert (anchor.worker, idle.worker, kept.anchors, kept.known.workers) == (None, None, {}, ())
    assert kept.every == {anchor, idle}
    assert anchor.closed == idle.closed == 0


def test_one_is_dropped_and_in_the_end_all_are_closed() -> None:
    anchor, idle, lent = Connection("x"), Connection("x"), Connection("x")
    kept = connections(anchor, idle)
    kept.every.add(lent)

    virtual_time.run(lambda: kept.drop(lent))
    assert kept.every == {anchor, idle}
    assert [one.closed for one in (anchor, idle, lent)] == [0, 0, 1]
    virtual_time.run(kept.close)
    assert [one.closed for one in (anchor, idle, lent)] == [1, 1, 1]
    assert kept.every == set()
    assert kept.pool.latest(9) == []
