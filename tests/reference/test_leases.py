"""Owner leases in Redis: who is dead, who is forgiven, and what becomes of their jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import redis

from reference_impl.core.events import EndReason, failed_closing, make_event
from reference_impl.core.rules import LeaseRule
from reference_impl.core.states import JobState
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record, Reservation, Written
from reference_impl.store.keeper import Keeper, Kept
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import RedisPlan

JOB = Reservation("job-1", "ann", "dead", "fence")
FAR_MS = 10_000


class Bench:
    """Two workers on one Redis; leases are aged by rewriting them."""

    def __init__(self, port: int) -> None:
        url = f"redis://127.0.0.1:{port}/2"
        self.plan = RedisPlan(url, 2, 3.0, 60, 200, 60, 5.0, LeaseRule(5))
        self.raw = redis.Redis(port=port, db=2, decode_responses=True)
        self.kept: list[Kept] = []

    def keeper(self, worker_id: str) -> Keeper:
        """A keeper that renews only when told to."""
        return Keeper(self.plan, worker_id=worker_id, on_kept=self.kept.append)

    def lapse(self, worker_id: str) -> None:
        """Make a lease look ten seconds old."""
        score = self.raw.zscore(keys.LEASES, worker_id)
        assert isinstance(score, float)
        self.raw.zadd(keys.LEASES, {worker_id: score - FAR_MS})

    def age_pulse(self) -> None:
        """Make it look as if nobody could renew for ten seconds."""
        pulse = int(str(self.raw.hget(keys.PULSE, "at")))
        self.raw.hset(keys.PULSE, "at", str(pulse - FAR_MS))

    def ask(self) -> tuple[list[str], bool, Record | None]:
        """Which jobs are ownerless, whether the job could be declared lost, and its record."""

        async def main() -> tuple[list[str], bool, Record | None]:
            store = RedisStore(self.plan, worker_id="alive")
            closing = failed_closing(JOB.job_id, EndReason.OWNER_DIED)
            found = await store.ownerless()
            lost = await store.lose(JOB.job_id, closing)
            record = await store.record(JOB.job_id)
            await store.close()
            return found, lost, record

        return asyncio.run(main())

    def write(self) -> Written:
        """The owner goes on as if nothing had happened."""

        async def main() -> Written:
            store = RedisStore(self.plan, worker_id=JOB.worker_id)
            event = make_event("tick", {})
            written = await store.append(JOB, first=1, events=(event,), closing=None)
            await store.close()
            return written

        return asyncio.run(main())

    def reserve(self) -> None:
        """The job that every test is about."""

        async def main() -> None:
            store = RedisStore(self.plan, worker_id=JOB.worker_id)
            await store.reserve(JOB)
            await store.close()

        asyncio.run(main())


@pytest.fixture
def bench(redis_port: int) -> Iterator[Bench]:
    """Both workers have renewed, and one of them runs a job."""
    bench = Bench(redis_port)
    bench.raw.flushdb()
    for worker_id in ("alive", "dead"):
        keeper = bench.keeper(worker_id)
        keeper.renew()
        keeper.close()
    bench.reserve()
    yield bench
    bench.raw.close()


def test_the_job_of_a_live_owner_cannot_be_declared_lost(bench: Bench) -> None:
    """Whoever asks."""
    found, lost, record = bench.ask()
    assert (found, lost) == ([], False)
    assert record is not None
    assert record.state is JobState.STARTING


def test_the_job_of_a_dead_owner_is_lost_once_and_its_writes_are_refused(bench: Bench) -> None:
    """A thawed owner finds its job over."""
    bench.lapse("dead")
    found, lost, record = bench.ask()
    assert (found, lost) == ([JOB.job_id], True)
    assert record is not None
    assert (record.state, record.reason) == (JobState.FAILED, "owner_died")
    assert bench.ask()[:2] == ([], False)
    assert bench.write() is Written.OVER


def test_nobody_is_dead_when_nobody_could_renew(bench: Bench) -> None:
    """A Redis that was frozen makes every lease look old."""
    bench.lapse("dead")
    bench.lapse("alive")
    bench.age_pulse()
    assert bench.ask()[:2] == ([], False)


def test_the_first_renewal_after_a_freeze_forgives_everybody(bench: Bench) -> None:
    """So that a slower worker is not declared dead by a quicker one."""
    bench.lapse("dead")
    bench.age_pulse()
    keeper = bench.keeper("alive")
    keeper.renew()
    keeper.close()
    assert bench.ask()[:2] == ([], False)


def test_a_renewal_lists_the_jobs_that_are_still_the_workers_own(bench: Bench) -> None:
    """A job that was declared lost is not among them."""
    keeper = bench.keeper("dead")
    assert keeper.renew().jobs == {JOB.job_id}
    bench.lapse("dead")
    bench.ask()
    assert keeper.renew().jobs == frozenset()
    keeper.close()


def test_a_renewal_renews_the_ttl_of_a_quiet_job(bench: Bench) -> None:
    """A job that writes nothing does not expire."""
    bench.raw.pexpire(keys.record(JOB.job_id), 500)
    keeper = bench.keeper("dead")
    keeper.renew()
    keeper.close()
    left_ms = bench.raw.pttl(keys.record(JOB.job_id))
    assert isinstance(left_ms, int)
    assert left_ms > 50_000


def test_a_keeper_renews_by_itself_and_leaves_no_lease_behind(bench: Bench) -> None:
    """From a thread: a blocked event loop does not make a worker dead."""
    keeper = bench.keeper("third")
    keeper.start()
    assert bench.kept
    assert bench.raw.zscore(keys.LEASES, "third") is not None
    keeper.stop(leave=True)
    assert bench.raw.zscore(keys.LEASES, "third") is None
