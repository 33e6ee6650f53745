"""Connections are sorted by the monitor's counters; where these do not tell, by a scratch job."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count, cycle

import pytest

from queueproof.errors import Inconclusive
from queueproof.targets.identify import ByMonitor
from queueproof.targets.pinning import Counters, RequestsBalanced
from queueproof.targets.vantage import Vantage


class Deployment:
    """Workers that answer for themselves: a job's owner counts it, and every worker each signal."""

    def __init__(self, workers: int) -> None:
        self.counters = [defaultdict(int) for _ in range(workers)]
        self.behind: dict[Vantage, int] = {}
        self.jobs = 0
        self.reads = 0
        self.ports = count(1)
        self.identifier = ByMonitor(self.read, self.job)

    def vantage(self, worker: int, *, known: bool = False) -> Vantage:
        vantage = Vantage("http://127.0.0.1:1")
        vantage.port = next(self.ports)
        self.behind[vantage] = worker
        vantage.worker = f"monitor-{worker}" if known else None
        return vantage

    async def read(self, vantage: Vantage) -> Counters:
        await asyncio.sleep(0)
        self.reads += 1
        names = ("active_jobs", "published", "dispatched_owned", "dispatched_foreign")
        return {name: self.counters[self.behind[vantage]][name] for name in names}

    @asynccontextmanager
    async def job(self, vantage: Vantage) -> AsyncIterator[None]:
        owner = self.behind[vantage]
        self.jobs += 1
        self.counters[owner]["active_jobs"] += 1
        yield
        self.counters[owner]["active_jobs"] -= 1
        for worker, counters in enumerate(self.counters):
            counters["dispatched_owned" if worker == owner else "dispatched_foreign"] += 1

    def sort(self, *vantages: Vantage, anchors: list[Vantage], complete: bool) -> None:
        asyncio.run(self.identifier.identify(vantages, anchors, complete=complete))


def test_without_anchors_scratch_jobs_tell_the_workers_apart() -> None:
    there = Deployment(2)
    one, other, same = there.vantage(0), there.vantage(1), there.vantage(0)

    there.sort(one, other, same, anchors=[], complete=False)

    assert one.worker == same.worker != other.worker
    assert there.jobs > 0


def test_known_workers_with_different_counters_need_no_scratch_job() -> None:
    there = Deployment(3)
    there.counters[0]["dispatched_owned"] = 4
    there.counters[1]["dispatched_owned"] = 2
    anchors = [there.vantage(worker, known=True) for worker in range(3)]
    fresh = [there.vantage(worker) for worker in (2, 0, 1)]

    there.sort(*fresh, anchors=anchors, complete=True)

    assert [one.worker for one in fresh] == ["monitor-2", "monitor-0", "monitor-1"]
    assert there.jobs == 0


def test_known_workers_with_equal_counters_are_told_apart_by_scratch_jobs() -> None:
    there = Deployment(2)
    anchors = [there.vantage(worker, known=True) for worker in range(2)]
    fresh = there.vantage(1)

    there.sort(fresh, anchors=anchors, complete=True)

    assert fresh.worker == "monitor-1"
    assert there.jobs > 0


def test_where_a_worker_may_be_unknown_equal_counters_prove_nothing() -> None:
    there = Deployment(2)
    anchor, stranger = there.vantage(0, known=True), there.vantage(1)

    there.sort(stranger, anchors=[anchor], complete=False)

    assert stranger.worker not in (None, "monitor-0")


def test_more_connections_to_known_workers_cost_a_scratch_job_a_worker() -> None:
    there = Deployment(3)
    anchors = [there.vantage(worker, known=True) for worker in range(3)]
    for batch in range(2):
        jobs, reads = there.jobs, there.reads
        fresh = [there.vantage(worker) for worker in (0, 1, 0, 2, 1, 1)]

        there.sort(*fresh, anchors=anchors, complete=False)

        assert [there.behind[one] for one in fresh] == [int(str(one.worker)[-1]) for one in fresh]
        # At first they count alike, and each has to count what no other one does.
        apart = 3 if batch == 0 else 0
        assert there.jobs - jobs == apart + 3
        # Each once, the anchors before and after; then each thrice beside the anchor of its own.
        assert there.reads - reads == 3 * (apart + 1) + (6 + 2 * 3) + 3 * (6 + 3)


def test_a_new_worker_that_counts_as_a_known_one_does_is_found_beside_it() -> None:
    there = Deployment(2)
    anchor = there.vantage(0, known=True)
    fresh = [there.vantage(worker) for worker in (0, 1, 0)]

    there.sort(*fresh, anchors=[anchor], complete=False)

    assert [one.worker for one in fresh[::2]] == ["monitor-0", "monitor-0"]
    assert fresh[1].worker not in (None, "monitor-0")


class Closing(Deployment):
    """Each connection is closed after so many looks; the next one leads to the next worker."""

    def __init__(self, workers: int, *, after: int) -> None:
        super().__init__(workers)
        self.after = after
        self.looks: defaultdict[Vantage, int] = defaultdict(int)

    async def read(self, vantage: Vantage) -> Counters:
        self.looks[vantage] += 1
        if self.looks[vantage] % self.after == 0:
            vantage.port = next(self.ports)
            self.behind[vantage] = (self.behind[vantage] + 1) % len(self.counters)
        return await super().read(vantage)


def test_connections_that_are_closed_after_a_few_requests_are_given_up_soon() -> None:
    """What counted on one of them may have been seen of another worker."""
    there = Closing(2, after=2)

    with pytest.raises(Inconclusive, match="closed before enough was asked on one"):
        there.sort(there.vantage(0), there.vantage(1), anchors=[], complete=False)

    assert there.jobs < 10


class Noisy(Deployment):
    """While the first scratch job runs, somebody else's job comes and goes on the other worker."""

    @asynccontextmanager
    async def job(self, vantage: Vantage) -> AsyncIterator[None]:
        owner = self.behind[vantage]
        noisy = self.jobs == 0
        async with super().job(vantage):
            for worker, counters in enumerate(self.counters):
                if noisy and worker != owner:
                    counters["active_jobs"] += 1
            yield
        for worker, counters in enumerate(self.counters):
            if noisy and worker != owner:
                counters["active_jobs"] -= 1
                counters["dispatched_owned"] += 1


def test_one_rise_is_not_enough_for_other_traffic_may_have_caused_it() -> None:
    there = Noisy(2)
    one, other = there.vantage(0), there.vantage(1)

    there.sort(one, other, anchors=[], complete=False)

    assert one.worker is not None
    assert one.worker != other.worker


def test_a_worker_whose_connections_were_all_closed_keeps_its_name() -> None:
    there = Deployment(3)
    found = [there.vantage(worker) for worker in range(3)]
    there.sort(*found, anchors=[], complete=False)
    names, jobs = [one.worker for one in found], there.jobs
    for anchor in found:
        asyncio.run(there.identifier.keep(anchor))
    there.counters[2]["dispatched_owned"] += 5
    again = there.vantage(2)

    there.sort(again, anchors=found[:2], complete=True)

    assert again.worker == names[2]
    assert there.jobs == jobs


def test_a_worker_that_was_started_anew_has_a_name_of_its_own() -> None:
    there = Deployment(2)
    found = [there.vantage(worker) for worker in range(2)]
    there.sort(*found, anchors=[], complete=False)
    names = {one.worker for one in found}
    there.counters[1].clear()
    successor = there.vantage(1)

    there.sort(successor, anchors=found[:1], complete=True)

    assert successor.worker not in names


class Hiding(Deployment):
    """Somebody else's job ends on a known worker just when a scratch job begins there."""

    hidden = 4

    async def read(self, vantage: Vantage) -> Counters:
        seen = await super().read(vantage)
        if vantage.worker is not None and seen["active_jobs"] and self.hidden:
            self.hidden -= 1
            seen["active_jobs"] -= 1
        return seen


def test_a_rise_that_others_jobs_hide_makes_no_new_worker() -> None:
    there = Hiding(1)
    anchor, same = there.vantage(0, known=True), there.vantage(0)
    there.identifier._recognise = lambda *_: asyncio.sleep(0)  # it would settle it at once

    there.sort(same, anchors=[anchor], complete=True)

    assert there.hidden < 4
    assert same.worker == anchor.worker


class Balanced(Deployment):
    """Whatever connection a request comes on, the workers answer in turn."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.turns = cycle(range(workers))

    async def read(self, vantage: Vantage) -> Counters:
        self.behind[vantage] = next(self.turns)
        return await super().read(vantage)


def test_a_front_that_balances_requests_is_seen_by_counters_that_fall() -> None:
    there = Balanced(3)
    there.counters[0]["published"] = 2

    with pytest.raises(RequestsBalanced, match="fell from 2 to 0 on one connection"):
        there.sort(there.vantage(0), there.vantage(1), anchors=[], complete=False)
