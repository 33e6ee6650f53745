"""What a fleet tells of its workers: letters, places, who answered, and why one is out of reach."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count, cycle

import pytest

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.targets import fleet as module
from queueproof.targets.fleet import ANY_WORKER, Fleet, Worker
from queueproof.targets.identify import ByHeader, ByProcess
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage

ONE, TWO = "http://127.0.0.1:1", "http://127.0.0.1:2"
Task = Callable[[Fleet], Awaitable[None]]


class InTurn:
    """Connections lead to the named workers in turn, the last one for ever if it `stays`."""

    name = "in turn"
    must_stay_warm = False

    def __init__(self, *keys: str, stays: bool = False) -> None:
        self.keys = iter(keys) if stays else cycle(keys)
        self.last = keys[-1]
        self.scratch_jobs = 7

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        for vantage in vantages:
            vantage.worker = vantage.worker or next(self.keys, self.last)

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""


async def ping(vantage: Vantage) -> None:
    vantage.port = vantage.port or id(vantage)
    vantage.last_used_s = time.monotonic()


def on(
    task: Task,
    *keys: str,
    urls: tuple[str, ...] = (ONE,),
    stays: bool = False,
    ask: Callable[[Vantage], Awaitable[None]] = ping,
    expected: int | None = None,
    sorting: bool = True,
) -> None:
    """Do something with a fleet whose workers are known; closed behind it."""

    async def run() -> None:
        identifier = InTurn(*keys, stays=stays) if sorting else None
        fleet = Fleet(urls, identifier=identifier, ping=ask, upkeep=Upkeep(batch=4))
        try:
            await fleet.discover(expected=expected)
            await task(fleet)
        finally:
            await fleet.close()

    asyncio.run(run())


def letters(fleet: Fleet) -> str:
    return "".join(worker.label for worker in fleet.workers)


def test_workers_have_letters_in_the_order_in_which_they_were_met() -> None:
    async def look(fleet: Fleet) -> None:
        assert [str(worker) for worker in fleet.workers] == ["a", "b", "c"]
        assert [worker.key for worker in fleet.workers] == ["x", "y", "z"]
        assert fleet.found == 3
        assert fleet.scratch_jobs == 7

    on(look, "x", "y", "z")


def test_after_z_comes_a_with_a_number() -> None:
    async def look(fleet: Fleet) -> None:
        assert [fleet._next_label() for _ in range(28)][-3:] == ["z", "a1", "b1"]

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


def test_sorting_that_is_given_up_says_why() -> None:
    async def give_up(fleet: Fleet) -> None:
        await fleet.stop_sorting("a front balances every request")
        assert fleet.unsorted_because == "a front balances every request"
        assert fleet.workers == (ANY_WORKER,)
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


def test_a_worker_that_no_connection_leads_to_any_more_is_named_with_those_that_are_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_TRIES", 5)

    async def look(fleet: Fleet) -> None:
        gone = fleet.workers[0]
        fleet._pool.clear()
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
    monkeypatch.setattr(module, "_TRIES", 5)

    async def look(fleet: Fleet) -> None:
        gone = fleet.workers[0]
        fleet._pool.clear()
        for _ in range(2):
            with pytest.raises(Inconclusive, match="worker a went away"):
                async with fleet.vantage(gone):
                    pass
            assert letters(fleet) == "bc"

    on(look, "x", "y", "y", "y", "z", stays=True, expected=2)


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
        assert fleet._pool.kept(worker.key) == 12

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


def refusing(*urls: str) -> Callable[[Vantage], Awaitable[None]]:
    async def ask(vantage: Vantage) -> None:
        if vantage.url in urls:
            raise TargetUnreachable(f"{vantage.url} refuses")
        await ping(vantage)

    return ask


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
    monkeypatch.setattr(module, "_TRIES", 3)

    async def look(fleet: Fleet) -> None:
        fleet._pool.clear()
        gone = await fleet.gone_since(time.monotonic())
        assert gone.startswith("worker a went away")

    on(look, "x", "y", stays=True, expected=2)


def test_a_connection_that_never_stays_open_is_told() -> None:
    async def ask(_: Vantage) -> None:
        """Answered, and closed at once: no port is left."""

    async def look(_: Fleet) -> None:
        raise AssertionError("no worker is found")

    with pytest.raises(Inconclusive, match="no connection stays open for longer than one answer"):
        on(look, "x", ask=ask)


def test_as_many_as_are_expected_end_the_search() -> None:
    async def look(fleet: Fleet) -> None:
        assert fleet._all_known
        assert letters(fleet) == "ab"

    async def one_short(fleet: Fleet) -> None:
        assert not fleet._all_known
        assert letters(fleet) == "ab"

    on(look, "x", "y", expected=2)
    on(one_short, "x", "y", expected=3)


def test_each_way_of_sorting_brings_its_headers_to_every_connection() -> None:
    async def change(fleet: Fleet) -> None:
        [kept] = fleet.some(1)
        for identifier, headers in (
            (ByHeader("X-Worker"), ("X-Worker", "")),
            (ByProcess(1, hint_header="X-Pid"), ("", "X-Pid")),
            (InTurn("x"), ("", "")),
        ):
            fleet.sort_by(identifier)
            [fresh] = fleet._make(1)
            for vantage in (kept, fresh):
                assert (vantage.worker_header, vantage.hint_header) == headers
            assert kept.worker is None
        assert fleet._opening._value == module._OPENERS

    on(change, "x", expected=1)


def test_where_sorting_is_dear_connections_are_opened_for_one_at_a_time() -> None:
    async def change(fleet: Fleet) -> None:
        dear = InTurn("x")
        dear.must_stay_warm = True
        fleet.sort_by(dear)
        assert fleet._opening._value == 1

    on(change, "x", expected=1)


def test_after_a_restart_nothing_is_known_of_any_connection() -> None:
    async def restart(fleet: Fleet) -> None:
        held = fleet.some(4)
        fleet.forget_workers()
        assert fleet.workers == ()
        assert not fleet._all_known
        assert [one.worker for one in held] == [None] * 4

    on(restart, "x", expected=1)


def test_one_worker_that_is_no_more_takes_nothing_from_the_others() -> None:
    async def retire(fleet: Fleet) -> None:
        gone, other = fleet.workers
        theirs = fleet._pool.kept(other.key)
        fleet.retire(gone)
        fleet.retire(gone)
        assert fleet._pool.kept(other.key) == theirs > 0
        assert fleet._pool.kept(gone.key) == 0
        assert not fleet._all_known
        assert gone.key not in fleet._anchors
        assert gone not in fleet._gone, "nobody said why, so it is looked for"

    on(retire, "x", "y", expected=2)


def test_where_workers_are_not_told_apart_none_can_have_gone() -> None:
    async def look(fleet: Fleet) -> None:
        fleet._gone[ANY_WORKER] = "it went away"
        assert await fleet.gone_since(time.monotonic()) == ""

    on(look, sorting=False)


def test_a_worker_that_is_slow_to_be_reached_is_not_gone_and_the_next_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_REACH_S", 0.05)

    async def look(fleet: Fleet) -> None:
        slow, gone = fleet.workers
        fleet._gone[gone] = "it went away"
        fleet._pool.clear()

        async def never(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(fleet, "_open_towards", never)
        assert slow.label == "a"
        assert await fleet.gone_since(time.monotonic()) == "it went away"

    on(look, "x", "y", expected=2)


def test_an_idle_connection_whose_server_has_gone_is_not_lent() -> None:
    down: set[str] = set()

    async def ask(vantage: Vantage) -> None:
        if vantage.url in down:
            raise TargetUnreachable(f"{vantage.url} refuses")
        await ping(vantage)

    async def one_of_two(fleet: Fleet) -> None:
        for idle in fleet._pool.latest(9):
            idle.last_used_s -= 100
        down.add(ONE)
        async with fleet.vantage() as lent:
            assert lent.url == TWO

    async def the_only_one(fleet: Fleet) -> None:
        for idle in fleet._pool.latest(9):
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
        lost = fleet._pool.latest(1)[0]
        lost.worker = None
        async with fleet.vantage(worker) as lent:
            assert lent is not lost
        assert lost not in fleet._all

    on(look, "x", expected=1)


def test_one_that_leads_to_another_worker_by_now_is_kept_for_that_one() -> None:
    async def look(fleet: Fleet) -> None:
        first, second = fleet.workers
        moved = fleet._pool.latest(1)[0]
        moved.worker = second.key
        before = fleet._pool.kept(second.key)
        async with fleet.vantage(first) as lent:
            assert lent is not moved
        assert fleet._pool.kept(second.key) == before + 1

    on(look, "x", "y", expected=2)


def opened_for(*, costly: bool, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many connections are opened at each try for a worker that is not met, and beside how
    many that keep the others busy.
    """
    opened: list[tuple[int, int]] = []
    monkeypatch.setattr(module, "_TRIES", 12)
    monkeypatch.setattr(module, "_COSTLY_TRIES", 4)

    async def look(fleet: Fleet) -> None:
        assert fleet.identifier is not None
        fleet.identifier.must_stay_warm = costly
        fleet._pool.clear("x")
        make = fleet._make

        def counted(number: int) -> list[Vantage]:
            opened.append((number, len(fleet._pool.latest(99))))
            return make(number)

        monkeypatch.setattr(fleet, "_make", counted)
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


def test_an_anchor_that_moved_is_replaced_by_one_that_stands_by() -> None:
    async def look(fleet: Fleet) -> None:
        substitute = fleet._pool.latest(9)[0]
        fleet._anchors["x"].worker = None
        fleet._replace_lost_anchors()
        assert fleet._anchors["x"] is substitute
        assert fleet._seeking is None, "nobody is out of view"

    on(look, "x", expected=1)


def test_where_none_stands_by_one_is_looked_for_until_it_is_found() -> None:
    async def look(fleet: Fleet) -> None:
        fleet._pool.clear()
        fleet._anchors["x"].worker = None
        fleet._replace_lost_anchors()
        seeking = fleet._seeking
        assert seeking is not None
        fleet._replace_lost_anchors()
        assert fleet._seeking is seeking, "once is enough"
        for _ in range(100):
            await asyncio.sleep(0)
        assert set(fleet._anchors) == {"x", "y"}
        assert fleet._anchors["x"].worker == "x"

    on(look, "x", "y", expected=2)


def test_nobody_is_found_where_nobody_is() -> None:
    async def look(fleet: Fleet) -> None:
        fleet._pool.clear()
        del fleet._anchors["x"]
        made = len(fleet._all)
        fleet._replace_lost_anchors()
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(fleet._all) - made == module._SEEK_TRIES * 4
        assert set(fleet._anchors) == {"y"}

    on(look, "x", "y", stays=True, expected=2)


def test_a_connection_that_any_worker_may_have_is_told_of_when_none_stays_open() -> None:
    async def look(fleet: Fleet) -> None:
        told = fleet._not_reached(ANY_WORKER, 80)
        assert str(told) == "in 80 tries no connection stayed open for a second answer"
        nobody = fleet._not_reached(Worker("q", "never"), 3)
        assert "worker q went away, or accepts no connection any more: 3 tries" in str(nobody)
        assert "all led to a, b;" in str(nobody)
        fleet.forget_workers()
        assert "all led to nobody;" in str(fleet._not_reached(Worker("q", "never"), 3))

    on(look, "x", "y", expected=2)
