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
        fleet._shelves.clear()
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
        fleet._shelves.clear()
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
        assert fleet._shelves.kept(worker.key) == 12

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
        fleet._shelves.clear()
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
