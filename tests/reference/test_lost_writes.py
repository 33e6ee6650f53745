"""A failover to a Redis that lacks the last writes: every reader is told an end all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import redis

from reference_impl.core.events import Closing, EndReason, Event, failed_closing, make_event
from reference_impl.core.rules import LeaseRule
from reference_impl.core.states import JobState, Signal
from reference_impl.langflow.attention import Attention
from reference_impl.langflow.background import Background
from reference_impl.langflow.bridge import Bridge
from reference_impl.langflow.caretaker import Caretaker, Reachability
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.lifecycle import Lifecycle
from reference_impl.langflow.poller import Poller
from reference_impl.langflow.reader import StreamReader
from reference_impl.langflow.runner import BuildRunner
from reference_impl.store.base import Reservation
from reference_impl.store.keeper import Kept
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import RedisPlan

T = TypeVar("T")
JOB = Reservation("job-1", "ann", "worker", "fence")
FINISHED = Closing((make_event("end", {"status": "completed"}),), Signal.FINISH, "")
WITHIN_S = 5.0


class Foreground(Background):
    """Keeps what is to be done until somebody does it."""

    def __init__(self) -> None:
        super().__init__()
        self.works: list[Coroutine[Any, Any, None]] = []

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.works.append(work)


class Inattention(Attention):
    """Writes no heartbeats: no client is watched here."""

    @contextmanager
    def watch(self, job_id: str) -> Iterator[None]:  # noqa: ARG002
        yield


@dataclass
class Deployment:
    """One worker's parts on one Redis, whose data can be put back to what it was."""

    store: RedisStore
    raw: redis.Redis

    def replica(self) -> dict[str, bytes]:
        """What a standby has that hears of no write after this one."""
        return {key: self.raw.dump(key) for key in self.raw.scan_iter()}  # type: ignore[misc]

    def fail_over(self, replica: dict[str, bytes]) -> None:
        """The standby takes over."""
        self.raw.flushdb()
        for key, value in replica.items():
            self.raw.restore(key, 60_000, value)

    async def write(self, first: int, *events: Event, closing: Closing | None = None) -> None:
        """The owner writes."""
        ending = closing.events if closing else ()
        await self.store.append(JOB, first=first, events=(*events, *ending), closing=closing)

    def reader(self) -> StreamReader:
        """A worker's streams."""
        attention = Inattention(store=self.store, stats=CancelStats(), threshold_s=0)
        return StreamReader(
            store=self.store,
            attention=attention,
            lifecycle=Lifecycle(),
            grace_s=WITHIN_S,
            patience_s=WITHIN_S,
        )

    async def poll(self, token: str) -> list[str]:
        """What the next poll is told."""
        attention = Inattention(store=self.store, stats=CancelStats(), threshold_s=0)
        poller = Poller(
            store=self.store,
            attention=attention,
            lifecycle=Lifecycle(),
            grace_s=WITHIN_S,
            hold_s=0.1,
            settle_s=WITHIN_S,
        )
        gone = asyncio.create_task(asyncio.sleep(WITHIN_S))
        answer = await poller.poll(JOB.job_id, token=token, after=None, gone=gone)
        assert answer is not None
        await poller.settle(JOB.job_id, token, delivered=True)
        gone.cancel()
        return [event.name for event in answer.events]

    async def renew(self, desk: BuildDesk) -> None:
        """The owner renews its lease, and draws the consequences."""
        background = Foreground()
        caretaker = Caretaker(
            store=self.store, desk=desk, background=background, reachability=Reachability()
        )
        caretaker.kept(Kept(0.0, 0.0, None, frozenset({JOB.job_id})))
        for each in background.works:
            await each


def test_a_stream_that_read_what_is_lost_is_told_so(redis_port: int) -> None:
    """However far it had come: the owner's last words go behind all that it has written."""

    async def scenario(here: Deployment) -> None:
        await here.write(1, *ticks(1, 2))
        replica = here.replica()
        for lost in range(1, 5):
            here.fail_over(replica)
            await here.write(3, *ticks(*range(3, 3 + lost)))
            reading = here.reader().events(JOB.job_id)
            for _ in range(2 + lost):
                await anext(reading)

            here.fail_over(replica)
            await give_up(here.store, written=2 + lost)

            assert await rest(reading) == ["error", "end"], f"with {lost} events lost"

    played(redis_port, scenario)


def test_a_stream_that_was_written_anew_up_to_its_position_ends(redis_port: int) -> None:
    """The record says over, and no end is behind what was read: it waits for nothing."""

    async def scenario(here: Deployment) -> None:
        await here.write(1, *ticks(1, 2))
        replica = here.replica()
        await here.write(3, *ticks(3, 4))
        reading = here.reader().events(JOB.job_id)
        for _ in range(4):
            await anext(reading)

        here.fail_over(replica)
        await give_up(here.store, written=2)

        assert await rest(reading) == ["error", "end"]

    played(redis_port, scenario)


def test_a_job_whose_end_is_lost_is_ended_by_its_worker(redis_port: int) -> None:
    """It ran to its end, which the standby never heard of; nobody here runs it any more."""

    async def scenario(here: Deployment) -> None:
        await here.write(1, *ticks(1, 2))
        assert await here.poll("first") == ["tick-1", "tick-2"]
        replica = here.replica()
        await here.write(3, *ticks(3), closing=FINISHED)

        here.fail_over(replica)
        await here.renew(BuildDesk(store=here.store, worker_id="worker", runner=BuildRunner()))

        assert await here.poll("second") == ["error", "end"]
        record = await here.store.record(JOB.job_id)
        assert record is not None
        assert (record.state, record.reason) == (JobState.FAILED, EndReason.DATA_LOST)

    played(redis_port, scenario)


def test_a_stream_is_told_of_an_end_that_was_lost_wherever_it_stands(redis_port: int) -> None:
    """Who ends a forgotten job does not know how far its readers have come."""

    async def scenario(here: Deployment) -> None:
        await here.write(1, *ticks(1, 2))
        replica = here.replica()
        desk = BuildDesk(store=here.store, worker_id="worker", runner=BuildRunner())
        for lost in range(1, 5):
            here.fail_over(replica)
            await here.write(3, *ticks(*range(3, 3 + lost)))
            reading = here.reader().events(JOB.job_id)
            for _ in range(2 + lost):
                await anext(reading)
            await here.write(3 + lost, closing=FINISHED)

            here.fail_over(replica)
            await here.renew(desk)

            assert await rest(reading) == ["error", "end"], f"with {lost} events lost"

    played(redis_port, scenario)


def test_a_job_that_still_runs_here_is_left_alone(redis_port: int) -> None:
    """What the store takes for ours, and is."""

    async def scenario(here: Deployment) -> None:
        await here.write(1, *ticks(1))
        desk = BuildDesk(store=here.store, worker_id="worker", runner=BuildRunner())
        desk.jobs[JOB.job_id] = Job(JOB, started_s=0.0)

        await here.renew(desk)

        record = await here.store.record(JOB.job_id)
        assert record is not None
        assert record.state is JobState.RUNNING

    played(redis_port, scenario)


def test_a_worker_ends_no_job_of_another(redis_port: int) -> None:
    """Only what the record calls its own."""

    async def scenario(here: Deployment) -> None:
        await here.write(1, *ticks(1))
        other = RedisStore(here.store.plan, worker_id="another")

        ended = await other.abandon(JOB.job_id, failed_closing(JOB.job_id, EndReason.DATA_LOST))
        await other.close()

        assert not ended

    played(redis_port, scenario)


def ticks(*numbers: int) -> tuple[Event, ...]:
    """Numbered events."""
    return tuple(make_event(f"tick-{number}", {"n": number}) for number in numbers)


async def give_up(store: RedisStore, *, written: int) -> None:
    """The owner finds that the store has lost what it wrote."""

    async def halt(_job: Job) -> None:
        """Nothing runs."""

    bridge = Bridge(store=store, patience_s=WITHIN_S, last_words_s=WITHIN_S, halt=halt)
    job = Job(JOB, started_s=0.0)
    job.queue.put_nowait(ticks(written + 1)[0])
    batch = await bridge.gather(job)
    outcome = await bridge.write(job, first=written + 2, batch=batch)
    await bridge.give_up(job, outcome, written=written)


async def rest(reading: AsyncIterator[Event]) -> list[str]:
    """What a stream is still told, until it ends."""
    async with asyncio.timeout(WITHIN_S):
        return [event.name async for event in reading]


def played(port: int, scenario: Callable[[Deployment], Awaitable[T]]) -> T:
    """Play a scenario on a deployment that has accepted the job."""

    async def main() -> T:
        async with _deployed(port) as here:
            await here.store.reserve(JOB)
            return await scenario(here)

    return asyncio.run(main())


@asynccontextmanager
async def _deployed(port: int) -> AsyncIterator[Deployment]:
    url = f"redis://127.0.0.1:{port}/3"
    plan = RedisPlan(url, 3, 3.0, 60, 200, 60, 5.0, LeaseRule(5))
    store = RedisStore(plan, worker_id="worker")
    with redis.Redis.from_url(url) as raw:
        raw.flushdb()
        yield Deployment(store, raw)
        await store.close()
