"""A connection is a view of one worker only where that was seen to hold for several requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from types import SimpleNamespace

import httpx
import pytest

from queueproof.errors import Inconclusive
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import ByHeader
from queueproof.targets.pinning import (
    CounterWatch,
    NameShared,
    RequestsBalanced,
    expect_name_of_one,
    expect_one_giver,
)
from queueproof.targets.vantage import Vantage

URL = "http://127.0.0.1:1"


def asked(givers: Iterator[str]) -> Callable[[Vantage], object]:
    async def ping(vantage: Vantage) -> None:
        vantage.port = vantage.port or id(vantage)
        vantage.worker = vantage.answered_by = next(givers)

    return ping


def test_answers_of_one_connection_that_name_several_workers_prove_a_balancing_front() -> None:
    with pytest.raises(RequestsBalanced, match="6 answers on one connection came from 3 workers"):
        asyncio.run(expect_one_giver([Vantage(URL)], asked(cycle("abc"))))


def test_a_front_that_keeps_one_connection_for_one_request_at_a_time_is_seen_by_several() -> None:
    """The connection used last serves next: asked one by one, all come out at one worker."""

    async def judge() -> None:
        kept = ["a", "b", "c"]

        async def ping(vantage: Vantage) -> None:
            giver = kept.pop()
            await asyncio.sleep(0)
            kept.append(giver)
            vantage.answered_by = giver

        await expect_one_giver([Vantage(URL) for _ in range(3)], ping)

    with pytest.raises(RequestsBalanced, match="3 workers"):
        asyncio.run(judge())


def test_who_answered_when_a_connection_was_sorted_is_compared_too() -> None:
    """Now all come out at one worker; then it was another."""
    vantage = Vantage(URL)
    vantage.worker = "b"

    with pytest.raises(RequestsBalanced, match="2 workers"):
        asyncio.run(expect_one_giver([vantage], asked(cycle("a"))))


def test_answers_that_name_one_worker_prove_nothing_of_the_kind() -> None:
    asyncio.run(expect_one_giver([Vantage(URL)], asked(cycle("a"))))


def test_a_connection_that_was_opened_anew_may_lead_elsewhere() -> None:
    givers = cycle("abc")

    async def ping(vantage: Vantage) -> None:
        vantage.answered_by, vantage.reopened = next(givers), True

    asyncio.run(expect_one_giver([Vantage(URL)], ping))


class Workers:
    """Behind one name in the header, each with counters of its own; a job's owner counts it."""

    def __init__(self, *behind: str, tells: bool = True) -> None:
        self.counts = {worker: {"published": 0, "dispatched_foreign": 0} for worker in behind}
        self.tells = tells
        self.jobs = 0
        self.vantages = []
        for worker in behind:
            vantage = Vantage(URL)
            vantage.worker = vantage.answered_by = "pod-1"
            self.vantages.append((vantage, worker))

    async def read(self, vantage: Vantage) -> dict[str, int]:
        worker = next(worker for one, worker in self.vantages if one is vantage)
        return dict(self.counts[worker]) if self.tells else {"active_jobs": 0}

    @asynccontextmanager
    async def scratch_job(self, vantage: Vantage) -> AsyncIterator[None]:
        self.jobs += 1
        owner = next(worker for one, worker in self.vantages if one is vantage)
        yield
        for worker, counts in self.counts.items():
            counts["published" if worker == owner else "dispatched_foreign"] += 1

    def judge(self) -> None:
        vantages = [vantage for vantage, _ in self.vantages]
        asyncio.run(expect_name_of_one(vantages, self.read, self.scratch_job))


@pytest.mark.parametrize("behind", ["ab", "aaab", "ba"])
def test_counters_that_fall_between_connections_of_one_name_are_several_workers(
    behind: str,
) -> None:
    """A pod of several, or a front that calls them all by its own name."""
    with pytest.raises(NameShared, match="the name pod-1 is that of several workers: "):
        Workers(*behind).judge()


def test_a_name_that_is_one_workers_stands() -> None:
    alike = Workers(*"aaa")
    alike.judge()

    assert alike.jobs == 1


def test_a_monitor_without_such_counters_tells_nothing_and_costs_no_job() -> None:
    silent = Workers(*"abc", tells=False)
    silent.judge()

    assert silent.jobs == 0


def test_a_connection_that_leads_elsewhere_by_now_is_not_compared() -> None:
    moved = Workers(*"ab")
    moved.vantages[1][0].answered_by = "pod-2"

    moved.judge()


def watched(*published: int, port: int | None = 7) -> None:
    numbers = iter(published)

    async def read(_: Vantage) -> dict[str, int]:
        return {"published": next(numbers), "active_jobs": 0}

    async def look() -> None:
        watch, vantage = CounterWatch(read), Vantage(URL)
        for _ in published:
            vantage.port = port
            await watch.read(vantage)

    asyncio.run(look())


def test_a_counter_that_falls_on_one_connection_proves_a_balancing_front() -> None:
    with pytest.raises(RequestsBalanced, match="published fell from 5 to 3 on one connection"):
        watched(4, 5, 3)


def test_counters_that_rise_are_one_workers() -> None:
    watched(4, 5, 5, 9)


def test_counters_of_a_connection_that_is_closed_each_time_prove_nothing() -> None:
    watched(4, 5, 3, port=None)


def test_the_advice_says_what_would_pin_a_connection() -> None:
    told = str(RequestsBalanced("…"))

    assert "TCP" in told
    assert "session affinity" in told
    assert "one URL a worker" in told


async def answers_behind_a_front(cookies: str) -> list[dict[str, str]]:
    """Four requests of one vantage; what each sent of cookies."""
    sent: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append({"path": request.url.path, "cookie": request.headers.get("cookie", "")})
        given = {"/health": cookies, "/login": "token=secret"}.get(request.url.path, "")
        return httpx.Response(200, headers={"set-cookie": given} if given else {})

    vantage = Vantage(URL)
    vantage.client = httpx.AsyncClient(base_url=URL, transport=httpx.MockTransport(answer))
    for path in ("/health", "/login", "/monitor"):
        vantage.saw(await vantage.client.get(path))
    vantage.saw(await vantage.client.get("/own", headers={"cookie": "mine=1"}))
    await vantage.close()
    return sent


def test_a_fronts_cookie_holds_a_vantage_to_its_server_and_a_logins_is_forgotten() -> None:
    sent = asyncio.run(answers_behind_a_front("SERVED=s1; path=/"))

    assert [each["cookie"] for each in sent] == ["", "SERVED=s1", "SERVED=s1", "mine=1; SERVED=s1"]


def test_without_a_front_no_cookie_is_kept() -> None:
    sent = asyncio.run(answers_behind_a_front(""))

    assert [each["cookie"] for each in sent] == ["", "", "", "mine=1"]


def test_a_fleet_that_gave_up_sorting_says_who_answered() -> None:
    async def labels() -> tuple[str, list[str]]:
        givers = cycle("xyx")
        fleet = Fleet((URL,), identifier=None, ping=asked(givers))
        fleet.sort_by(ByHeader("x-worker"))
        await fleet.stop_sorting("a front balances every request")
        told = []
        for _ in range(3):
            async with fleet.vantage() as vantage:
                await asked(givers)(vantage)
                told.append(fleet.giver_of(vantage).label)
                assert fleet.worker_of(vantage).label == "?"
        await fleet.close()
        return fleet.unsorted_because, told

    because, told = asyncio.run(labels())

    assert because == "a front balances every request"
    assert set(told) == {"a", "b"}


def test_a_header_that_is_missing_is_told_by_its_name() -> None:
    with pytest.raises(Inconclusive, match="x-worker"):
        asyncio.run(ByHeader("x-worker").identify([Vantage(URL)], [], complete=False))


async def sorted_by_header(*, by_front: bool) -> tuple[str | None, str | None]:
    """Whose a vantage is after worker a's answer and a front's page with a header of its own."""
    vantage = Vantage(URL, worker_header="x-worker")
    vantage.port, vantage.worker = 1, "a"
    page = httpx.Response(503, headers={"x-worker": "front"})
    page.extensions["network_stream"] = SimpleNamespace(get_extra_info=lambda _: ("127.0.0.1", 1))
    page.request = httpx.Request("GET", URL)
    vantage.saw(page, by_front=by_front)
    await vantage.close()
    return vantage.worker, vantage.answered_by


def test_a_page_of_a_front_comes_from_no_worker_whatever_its_headers_say() -> None:
    assert asyncio.run(sorted_by_header(by_front=True)) == ("a", None)
    assert asyncio.run(sorted_by_header(by_front=False)) == ("front", "front")
