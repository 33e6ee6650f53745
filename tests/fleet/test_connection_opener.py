"""Connections are opened, and sorted by the worker behind each, without a fleet."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

import pytest

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.history import Outcome
from queueproof.targets.addresses import Addresses
from queueproof.targets.connection_opener import ConnectionOpener
from queueproof.targets.protocol import Reply
from queueproof.targets.sorted_connections import SortedConnections
from queueproof.targets.vantage import Vantage

from .. import virtual_time
from .fleets import ONE, TWO

T = TypeVar("T")


class Opening:
    """An opener whose every ping is noted, and which asks `identifier`, if it is given one."""

    def __init__(self, *urls: str, identifier: Any = None) -> None:
        self.connections = SortedConnections(identifier)
        self.addresses = Addresses(urls or (ONE,))
        self.pinged: list[Vantage] = []
        self.down: set[str] = set()
        self.silent: set[str] = set()
        self.reply: Any = None
        self.opener = ConnectionOpener(
            self.addresses, self.connections, ping=self.ping, worker_header="X-Worker"
        )

    async def ping(self, vantage: Vantage) -> Any:
        self.pinged.append(vantage)
        if vantage.url in self.down:
            raise TargetUnreachable(f"{vantage.url} refuses")
        if vantage.url in self.silent:
            return Reply(outcome=Outcome.UNKNOWN)
        vantage.port = vantage.port or id(vantage)
        return self.reply

    async def close(self) -> None:
        await self.connections.close()


def opening(
    scenario: Callable[[Opening], Coroutine[Any, Any, T]], *urls: str, identifier: Any = None
) -> T:
    async def run() -> T:
        made = Opening(*urls, identifier=identifier)
        try:
            return await scenario(made)
        finally:
            await made.close()

    return virtual_time.run(run)


def test_connections_are_spread_over_the_urls_and_read_for_the_header() -> None:
    async def scenario(made: Opening) -> None:
        opened = await made.opener.open(4)
        assert [one.url for one in opened] == [ONE, TWO, ONE, TWO]
        assert {(one.worker_header, one.hint_header) for one in opened} == {("X-Worker", "")}
        assert made.connections.every == set(opened)
        assert made.pinged == opened

    opening(scenario, ONE, TWO)


def test_opened_in_turn_company_is_asked_beside_each() -> None:
    async def scenario(made: Opening) -> None:
        company = await made.opener.open(2)
        made.pinged.clear()
        first, second = await made.opener.open_in_turn(2, company)
        assert made.pinged == [*company, first, *company, second]

    opening(scenario)


@pytest.mark.parametrize("how", ["open", "open_in_turn"])
def test_a_url_that_refuses_is_left_out_while_another_serves(how: str) -> None:
    async def scenario(made: Opening) -> None:
        made.down = {TWO}
        open_some = made.opener.open if how == "open" else partial(in_turn, made)
        opened = await open_some(4)
        assert {one.url for one in opened} == {ONE}
        assert len(opened) == 2
        assert made.connections.every == set(opened)
        assert made.addresses.down == (TWO,)
        made.down = {ONE, TWO}
        with pytest.raises(TargetUnreachable, match="refuses"):
            await open_some(1)

    async def in_turn(made: Opening, number: int) -> list[Vantage]:
        return await made.opener.open_in_turn(number, [])

    opening(scenario, ONE, TWO)


def test_one_that_takes_connections_and_never_answers_is_dropped() -> None:
    async def scenario(made: Opening) -> None:
        made.silent = {TWO}
        opened = await made.opener.open(2)
        assert [one.url for one in opened] == [ONE]
        assert made.addresses.is_silent(TWO)
        assert made.connections.every == set(opened)

    opening(scenario, ONE, TWO)


def test_one_that_answers_and_closes_its_connection_is_kept() -> None:
    async def scenario(made: Opening) -> None:
        fresh = Vantage(ONE)
        made.connections.every.add(fresh)

        async def close_at_once(vantage: Vantage) -> None:
            made.pinged.append(vantage)

        made.opener._ask = close_at_once
        await made.opener._first_ping(fresh)
        assert made.pinged == [fresh]
        assert fresh in made.connections.every

    opening(scenario)


def test_a_connection_that_was_open_before_is_no_sign_of_a_silent_url() -> None:
    async def scenario(made: Opening) -> None:
        [opened] = await made.opener.open(1)
        made.silent = {ONE}
        await made.opener.ping(opened)
        assert not made.addresses.is_silent(ONE)
        fresh = Vantage(ONE)
        await made.opener.ping(fresh)
        assert made.addresses.is_silent(ONE)
        await fresh.close()

    opening(scenario, ONE, TWO)


@pytest.mark.parametrize("reply", [None, Reply(outcome=Outcome.FAILED, status=500)])
def test_any_answer_says_that_a_url_serves(reply: Any) -> None:
    async def scenario(made: Opening) -> None:
        made.addresses.refused(ONE)
        made.reply = reply
        await made.opener.open(1)
        assert made.addresses.down == ()

    opening(scenario)


class Sorter:
    """Fails to name workers until it was asked `fails` times; notes what it is given."""

    name = "sorter"
    scratch_jobs = 0

    def __init__(self, *, fails: int = 0, costly: bool = False) -> None:
        self.fails = fails
        self.must_stay_warm = costly
        self.asked: list[tuple[list[Vantage], list[Vantage], bool, float]] = []

    async def identify(
        self, vantages: Sequence[Vantage], anchors: Sequence[Vantage], *, complete: bool
    ) -> None:
        self.asked.append((list(vantages), list(anchors), complete, time.monotonic()))
        if len(self.asked) <= self.fails:
            raise Inconclusive("nobody holds the connection")
        for vantage in vantages:
            vantage.worker = "x"

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""


@pytest.mark.parametrize("complete", [True, False])
def test_what_is_open_is_compared_with_what_stands_for_each_worker(complete: bool) -> None:
    sorter = Sorter()

    async def scenario(made: Opening) -> None:
        anchor = Vantage(ONE)
        made.connections.anchors["y"] = anchor
        made.connections.known.complete = complete
        made.silent = {TWO}
        opened = await made.opener.open(2)
        assert [one.worker for one in opened] == ["x"]
        [asked] = sorter.asked
        assert asked[:3] == (opened, [anchor], complete)
        await anchor.close()

    opening(scenario, ONE, TWO, identifier=sorter)


def test_what_nobody_holds_is_opened_and_looked_for_again_after_half_a_second() -> None:
    """Three times; what is sorted by its header already is left alone."""
    sorter = Sorter(fails=3)

    async def scenario(made: Opening) -> None:
        opened = await made.opener.open(1)
        assert [one.worker for one in opened] == ["x"]
        assert [at_s - 1_000.0 for *_, at_s in sorter.asked] == [0.0, 0.5, 1.0, 1.5]
        assert len(made.pinged) == 4

    opening(scenario, identifier=sorter)


def test_what_has_a_worker_or_is_closed_is_not_opened_again() -> None:
    sorter = Sorter(fails=1)

    async def scenario(made: Opening) -> None:
        one, other, gone = made.opener._make(3)
        other.worker = "y"
        await made.connections.drop(gone)
        one.port = other.port = gone.port = 7
        await made.opener._sorted([one, other, gone])
        assert made.pinged == [one]

    opening(scenario, identifier=sorter)


def test_what_was_closed_while_it_was_sorted_is_no_view_of_any_worker() -> None:
    """The next request on it would open another connection, to whichever worker."""

    class Closing(Sorter):
        async def identify(
            self, vantages: Sequence[Vantage], anchors: Sequence[Vantage], *, complete: bool
        ) -> None:
            await super().identify(vantages, anchors, complete=complete)
            vantages[0].port = None

    async def scenario(made: Opening) -> None:
        opened = await made.opener.open(2)
        assert made.connections.every == set(opened)
        assert [one.port is not None for one in opened] == [True]

    opening(scenario, identifier=Closing())


def test_nobody_looks_for_ever() -> None:
    sorter = Sorter(fails=99)

    async def scenario(made: Opening) -> None:
        with pytest.raises(Inconclusive, match="nobody holds the connection"):
            await made.opener.open(1)
        assert len(sorter.asked) == 4

    opening(scenario, identifier=sorter)


def test_where_sorting_is_dear_it_has_been_tried_long_enough() -> None:
    sorter = Sorter(fails=1, costly=True)

    async def scenario(made: Opening) -> None:
        with pytest.raises(Inconclusive):
            await made.opener.open(1)
        assert len(sorter.asked) == len(made.pinged) == 1
        assert made.opener.turns._value == 1

    opening(scenario, identifier=sorter)
    opening(lambda made: turns_of(made, 12), identifier=Sorter())
    opening(lambda made: turns_of(made, 12))


async def turns_of(made: Opening, number: int) -> None:
    assert made.opener.turns._value == number
