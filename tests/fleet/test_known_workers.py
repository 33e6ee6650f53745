"""Letters of workers, the places where they were met, and which are no more."""

from __future__ import annotations

import pytest

from queueproof.errors import Inconclusive
from queueproof.targets.fleet import Fleet
from queueproof.targets.known_workers import KnownWorkers
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER, Worker

from .fleets import ONE, TWO, InTurn, letters, on


def test_workers_have_letters_in_the_order_in_which_they_were_met() -> None:
    async def look(fleet: Fleet) -> None:
        assert [str(worker) for worker in fleet.workers] == ["a", "b", "c"]
        assert [worker.key for worker in fleet.workers] == ["x", "y", "z"]
        assert fleet.found == 3
        assert fleet.scratch_jobs == 7

    on(look, "x", "y", "z")


def test_after_z_comes_a_with_a_number() -> None:
    async def look(fleet: Fleet) -> None:
        assert [fleet._known._next_label() for _ in range(28)][-3:] == ["z", "a1", "b1"]

    on(look, sorting=False)


def test_where_nothing_tells_them_apart_there_is_one_unknown_worker() -> None:
    async def look(fleet: Fleet) -> None:
        assert fleet.workers == (ANY_WORKER,)
        assert (str(ANY_WORKER), fleet.found, fleet.scratch_jobs) == ("?", 0, 0)
        async with fleet.vantage(Worker("b", "y")) as lent:
            assert fleet.worker_of(lent) == ANY_WORKER

    on(look, sorting=False)


def test_who_answered_has_a_letter_even_where_no_connection_leads_to_him() -> None:
    async def look(fleet: Fleet) -> None:
        vantage = Vantage(ONE)
        assert fleet.giver_of(vantage) == ANY_WORKER
        vantage.answered_by = "y"
        assert fleet.giver_of(vantage).label == "b"
        vantage.answered_by = "stranger"
        assert fleet.giver_of(vantage).label == "c"
        assert fleet.giver_of(vantage).label == "c", "and keeps it"
        vantage.worker = "nobody known"
        assert fleet.worker_of(vantage) == ANY_WORKER
        vantage.worker = "x"
        assert fleet.worker_of(vantage).label == "a"
        await vantage.close()

    on(look, "x", "y")


def test_a_url_is_a_worker_where_each_led_to_one_of_its_own() -> None:
    async def apart(fleet: Fleet) -> None:
        assert fleet.one_worker_a_url
        assert fleet.urls_of(fleet.workers[0]) == {ONE}

    async def together(fleet: Fleet) -> None:
        assert not fleet.one_worker_a_url

    on(apart, "x", "y", urls=(ONE, TWO))
    on(together, "x", "y", "z", urls=(ONE, TWO))
    on(together, "x", urls=(ONE, TWO))
    on(together, "x", "y")


def test_of_a_worker_that_was_never_met_no_url_is_known() -> None:
    async def look(fleet: Fleet) -> None:
        assert fleet.urls_of(Worker("q", "never")) == frozenset()

    on(look, "x")


def test_a_worker_that_is_no_more_gives_its_letter_to_nobody() -> None:
    async def retire(fleet: Fleet) -> None:
        gone = fleet.workers[0]
        fleet.retire(gone, "it was killed")
        assert letters(fleet) == "b"
        with pytest.raises(Inconclusive, match=r"^it was killed$"):
            async with fleet.vantage(gone):
                pass
        assert fleet.found == 2, "what was found was found"
        await fleet.discover(expected=2)
        assert letters(fleet) == "bc"

    on(retire, "x", "y")


def test_another_way_of_telling_workers_apart_begins_anew() -> None:
    async def change(fleet: Fleet) -> None:
        fleet.sort_by(InTurn("m", "n", "o"))
        assert fleet.workers == ()
        assert fleet.found == 0
        await fleet.discover(expected=None)
        assert [(one.label, one.key) for one in fleet.workers] == [
            ("a", "m"),
            ("b", "n"),
            ("c", "o"),
        ]

    on(change, "x", "y")


def test_after_a_restart_nothing_is_known_of_any_connection() -> None:
    async def restart(fleet: Fleet) -> None:
        held = fleet.some(4)
        fleet.forget_workers()
        assert fleet.workers == ()
        assert not fleet._known.complete
        assert [one.worker for one in held] == [None] * 4

    on(restart, "x", expected=1)


def test_one_worker_that_is_no_more_takes_nothing_from_the_others() -> None:
    async def retire(fleet: Fleet) -> None:
        gone, other = fleet.workers
        theirs = fleet._connections.pool.kept(other.key)
        fleet.retire(gone)
        fleet.retire(gone)
        assert fleet._connections.pool.kept(other.key) == theirs > 0
        assert fleet._connections.pool.kept(gone.key) == 0
        assert not fleet._known.complete
        assert gone.key not in fleet._connections.anchors
        assert gone not in fleet._known._gone, "nobody said why, so it is looked for"

    on(retire, "x", "y", expected=2)


# -- what is known, without connections ------------------------------------------------------------


def known(*keys: str) -> KnownWorkers:
    made = KnownWorkers()
    for key in keys:
        made.meet(key, ONE)
    return made


def test_nothing_is_known_at_first() -> None:
    made = KnownWorkers()

    assert made.complete is False
    assert (made.workers, made.first_workers, made.found) == ((), (), 0)
    assert made.keys == set()
    assert not made.newcomers


def test_a_worker_that_is_met_again_keeps_its_letter() -> None:
    made = known("x", "y", "x")
    made.meet("x", TWO)

    assert [(one.label, one.key) for one in made.workers] == [("a", "x"), ("b", "y")]
    assert made.keys == {"x", "y"}
    assert made.urls_of(made.workers[0]) == {ONE, TWO}
    assert made.urls_of(made.workers[1]) == {ONE}


@pytest.mark.parametrize(("expected", "complete"), [(None, True), (1, True), (2, True), (3, False)])
def test_as_many_as_were_expected_are_all(expected: int | None, complete: bool) -> None:
    made = known("x", "y")
    made.settle(expected)

    assert made.complete is complete
    assert made.found == 2


def test_those_of_the_first_search_are_remembered_and_the_most_that_were_found() -> None:
    made = known("x", "y")
    assert made.first_workers == made.workers, "until it is settled"
    made.settle(None)
    x, y = made.workers
    made.retire(y)
    made.meet("z", ONE)
    assert made.newcomers
    made.settle(None)

    assert not made.newcomers
    assert made.first_workers == (x, y)
    assert [one.label for one in made.workers] == ["a", "c"]
    made.retire(x)
    made.settle(None)
    assert made.found == 2


def test_whoever_goes_leaves_the_rest_incomplete() -> None:
    for change in (
        lambda made: made.retire(made.workers[0]),
        lambda made: made.forget(),
        lambda made: made.begin_anew(),
    ):
        made = known("x")
        made.settle(None)
        change(made)
        assert made.complete is False
        assert made.workers == ()


def test_letters_go_on_after_a_restart_and_begin_anew_with_another_way_of_sorting() -> None:
    made = known("x", "y")
    made.settle(None)
    made.forget()
    made.meet("x", ONE)
    assert [one.label for one in made.workers] == ["c"]
    assert made.found == 2

    assert made.giver("answering").label == "d"
    made.begin_anew()
    made.meet("m", ONE)
    assert [one.label for one in made.workers] == ["a"]
    assert made.giver("answering").label == "b"
    assert [one.key for one in made.first_workers] == ["m"]
    assert made.found == 0


def test_why_a_worker_is_gone_is_known_where_it_was_said() -> None:
    made = known("x", "y")
    x, y = made.workers
    made.retire(x, "it was killed")
    made.retire(y)

    assert made.why_gone(x) == "it was killed"
    assert made.why_gone(y) is None
    made.retire(Worker("q", "never"))


def test_the_worker_behind_a_key() -> None:
    made = known("x")

    assert made.behind("x") == Worker("a", "x")
    assert made.behind("y") is made.behind(None) is ANY_WORKER
    made.tell_none_apart()
    assert made.behind(None) is ANY_WORKER
    assert ANY_WORKER in made.workers


def test_who_answered_is_given_a_letter_before_or_after_it_is_met() -> None:
    made = KnownWorkers()

    assert made.giver(None) is ANY_WORKER
    assert made.giver("x") == Worker("a", "x")
    assert made.workers == (), "no connection leads to it"
    made.meet("x", ONE)
    assert made.giver("x") == made.behind("x") == Worker("b", "x")


def test_one_worker_at_each_url() -> None:
    made = KnownWorkers()
    made.tell_none_apart()
    assert not made.one_at_each((ONE,))
    made = KnownWorkers()
    assert made.one_at_each(())
    assert not made.one_at_each((ONE,))
    made.meet("x", ONE)
    assert made.one_at_each((ONE,))
    assert not made.one_at_each((ONE, TWO))
    made.meet("y", ONE)
    assert not made.one_at_each((ONE, TWO))
    made = known("x")
    made.meet("x", TWO)
    assert not made.one_at_each((ONE,))
    made.meet("y", TWO)
    assert not made.one_at_each((ONE, TWO))
    made.tell_none_apart()
    assert not made.one_at_each((ONE, TWO, "http://127.0.0.1:3"))
