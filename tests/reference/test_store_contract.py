"""What every store promises: one class of tests, run for memory and for Redis."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
import redis

from reference_impl.core.events import (
    Closing,
    EndReason,
    Event,
    cancelled_closing,
    end_event,
    failed_closing,
    make_event,
)
from reference_impl.core.rules import LeaseRule
from reference_impl.core.states import JobState, Signal
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import (
    CursorBusy,
    Reservation,
    Sent,
    Store,
    StoreUnavailable,
    Written,
)
from reference_impl.store.keeper import Keeper
from reference_impl.store.memory import MemoryStore
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import RedisPlan

T = TypeVar("T")
Scenario = Callable[[Store], Awaitable[T]]
WORKER = "worker-a"
SETTLE_S = 0.5


def new_job() -> Reservation:
    """A job of a user called ``ann``."""
    return Reservation(str(uuid.uuid4()), "ann", WORKER, uuid.uuid4().hex)


def ticks(*numbers: int) -> tuple[Event, ...]:
    """Numbered events."""
    return tuple(make_event(f"tick-{number}", {"n": number}) for number in numbers)


def finished() -> Closing:
    """The end of a build that went well."""
    return Closing((end_event(state=JobState.COMPLETED, duration_s=1),), Signal.FINISH, "")


class StoreContract:
    """Inherit, and say how a scenario gets its store."""

    def run(self, scenario: Scenario[T]) -> T:
        raise NotImplementedError

    def test_a_reserved_job_is_known_and_has_no_stream(self) -> None:
        """The record is there before anything is written."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            record = await store.record(job.job_id)
            assert record is not None
            assert (record.user_id, record.worker_id) == ("ann", WORKER)
            assert (record.state, record.written) == (JobState.STARTING, 0)
            view = await store.read(job.job_id, after=0)
            assert view is not None
            assert not view.kept

        self.run(scenario)

    def test_an_unknown_job_is_none_everywhere(self) -> None:
        """No method invents one."""

        async def scenario(store: Store) -> None:
            assert await store.record("nonesuch") is None
            assert await store.read("nonesuch", after=0) is None
            assert await store.take("nonesuch", token="t") is None
            assert await store.ending("nonesuch") == ()
            assert not await store.give_back("nonesuch", token="t")
            written = await store.append(new_job(), first=1, events=ticks(1), closing=None)
            assert written is Written.GONE

        self.run(scenario)

    def test_reserving_again_with_the_same_fence_changes_nothing(self) -> None:
        """A lost acknowledgement may be answered by asking again; another fence may not."""

        async def scenario(store: Store) -> None:
            job = new_job()
            assert await store.reserve(job) == await store.reserve(job)
            with pytest.raises(StoreUnavailable):
                await store.reserve(Reservation(job.job_id, "ann", WORKER, "other"))

        self.run(scenario)

    def test_an_append_that_is_repeated_writes_once(self) -> None:
        """Positions already written are skipped, also in a batch that goes further."""

        async def scenario(store: Store) -> list[str]:
            job = new_job()
            await store.reserve(job)
            for first, events in ((1, ticks(1, 2)), (1, ticks(1, 2)), (2, ticks(2, 3))):
                written = await store.append(job, first=first, events=events, closing=None)
                assert written is Written.DONE
            return await names(store, job)

        assert self.run(scenario) == ["tick-1", "tick-2", "tick-3"]

    def test_an_append_with_a_gap_is_torn(self) -> None:
        """Events between are missing: the store has lost some."""

        async def scenario(store: Store) -> Written:
            job = new_job()
            await store.reserve(job)
            return await store.append(job, first=3, events=ticks(3), closing=None)

        assert self.run(scenario) is Written.TORN

    def test_only_the_fence_of_the_reservation_may_write(self) -> None:
        """Somebody else's write is refused."""

        async def scenario(store: Store) -> Written:
            job = new_job()
            await store.reserve(job)
            other = Reservation(job.job_id, "ann", WORKER, "forged")
            return await store.append(other, first=1, events=ticks(1), closing=None)

        assert self.run(scenario) is Written.FENCED

    def test_nothing_is_written_to_a_job_that_is_over(self) -> None:
        """Except that the write which ended it may be repeated."""

        async def scenario(store: Store) -> list[str]:
            job, end = new_job(), finished()
            await store.reserve(job)
            for _ in range(2):
                events = (*ticks(1), *end.events)
                written = await store.append(job, first=1, events=events, closing=end)
                assert written is Written.DONE
            late = await store.append(job, first=3, events=ticks(3), closing=None)
            cancel = await store.close_job(job, cancelled_closing(job.job_id, "user"))
            assert (late, cancel) == (Written.OVER, Written.OVER)
            record = await store.record(job.job_id)
            assert record is not None
            assert record.state is JobState.COMPLETED
            return await names(store, job)

        assert self.run(scenario) == ["tick-1", "end"]

    def test_a_job_is_closed_wherever_its_stream_stands(self) -> None:
        """The owner need not know what was written."""

        async def scenario(store: Store) -> list[str]:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1, 2), closing=None)
            closing = failed_closing(job.job_id, EndReason.OUTAGE)
            assert await store.close_job(job, closing) is Written.DONE
            record = await store.record(job.job_id)
            assert record is not None
            assert (record.state, record.reason) == (JobState.FAILED, "outage")
            return await names(store, job)

        assert self.run(scenario) == ["tick-1", "tick-2", "error", "end"]

    def test_the_shared_cursor_delivers_everything_once(self) -> None:
        """Each take continues where the last one ended."""

        async def scenario(store: Store) -> list[list[str]]:
            job = new_job()
            await store.reserve(job)
            taken = []
            for first in (1, 3):
                events = ticks(first, first + 1)
                await store.append(job, first=first, events=events, closing=None)
                taken.append(await take(store, job, token=f"t{first}"))
            taken.append(await take(store, job, token="t5"))
            return taken

        assert self.run(scenario) == [["tick-1", "tick-2"], ["tick-3", "tick-4"], []]

    def test_a_take_repeated_with_its_token_returns_the_same(self) -> None:
        """A lost reply loses no event; what came since is there too."""

        async def scenario(store: Store) -> list[list[str]]:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1), closing=None)
            first = await open_take(store, job, token="t")
            await store.append(job, first=2, events=ticks(2), closing=None)
            again = await take(store, job, token="t")
            return [first, again, await take(store, job, token="u")]

        assert self.run(scenario) == [["tick-1"], ["tick-1", "tick-2"], []]

    def test_an_open_take_keeps_others_out_until_it_is_settled(self) -> None:
        """Whether its events were delivered is not known; so nobody skips or repeats them."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1), closing=None)
            await open_take(store, job, token="t")
            with pytest.raises(CursorBusy):
                await store.take(job.job_id, token="u")
            assert await store.confirm(job.job_id, token="t")
            assert await take(store, job, token="u") == []

        self.run(scenario)

    def test_a_take_that_nobody_settles_is_taken_anew(self) -> None:
        """Its worker died; its client got no answer."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1), closing=None)
            await open_take(store, job, token="t")
            await asyncio.sleep(SETTLE_S + 0.05)
            assert await take(store, job, token="u") == ["tick-1"]
            assert not await store.confirm(job.job_id, token="t")

        self.run(scenario)

    def test_what_is_given_back_is_taken_again(self) -> None:
        """Once; a take that is settled stays as it is."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1), closing=None)
            await open_take(store, job, token="t")
            assert await store.give_back(job.job_id, token="t")
            assert not await store.give_back(job.job_id, token="t")
            assert await take(store, job, token="u") == ["tick-1"]
            assert not await store.give_back(job.job_id, token="u")
            assert await take(store, job, token="v") == []

        self.run(scenario)

    def test_reading_moves_nothing(self) -> None:
        """Any number of readers see everything behind their own position."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1, 2, 3), closing=None)
            assert await names(store, job) == await names(store, job)
            view = await store.read(job.job_id, after=1, limit=1)
            assert view is not None
            assert [entry.position for entry in view.entries] == [2]
            assert await take(store, job, token="t") == ["tick-1", "tick-2", "tick-3"]

        self.run(scenario)

    def test_a_follower_is_woken_by_the_first_event(self) -> None:
        """Also by one of a stream that did not exist when it began to wait."""

        async def scenario(store: Store) -> list[str]:
            job = new_job()
            await store.reserve(job)
            following = store.follow(job.job_id, after=0, within_s=5, limit=10)
            waiting = asyncio.ensure_future(following)
            await asyncio.sleep(0.05)
            await store.append(job, first=1, events=ticks(1), closing=None)
            return [entry.event.name for entry in await waiting]

        assert self.run(scenario) == ["tick-1"]

    def test_a_follower_gives_up_in_time(self) -> None:
        """With nothing."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            async with asyncio.timeout(3):
                assert await store.follow(job.job_id, after=0, within_s=0.05, limit=1) == ()

        self.run(scenario)

    def test_a_cancel_signal_leaves_a_marker_with_its_reason(self) -> None:
        """Only for a job that is not over."""

        async def scenario(store: Store) -> None:
            job, done = new_job(), new_job()
            for each in (job, done):
                await store.reserve(each)
            await store.append(done, first=1, events=finished().events, closing=finished())
            sent = []
            for each in (job, done):
                record = await store.record(each.job_id)
                assert record is not None
                sent.append(await store.signal_cancel(record, reason="user"))
            assert sent == [Sent.SENT, Sent.OVER]
            assert await store.markers([job.job_id, done.job_id]) == {job.job_id: "user"}
            assert await store.markers([]) == {}

        self.run(scenario)

    def test_a_heartbeat_is_written_by_submit_and_by_touch(self) -> None:
        """In decimal seconds of the store's clock."""

        async def scenario(store: Store) -> None:
            job = new_job()
            started_s = await store.reserve(job)
            await store.touch(job.job_id)
            seen = await store.activities([job.job_id, "nonesuch"])
            assert seen.by_job["nonesuch"].value is None
            assert started_s <= float(seen.by_job[job.job_id].value or "nan") + 0.002
            assert float(seen.by_job[job.job_id].value or "nan") <= seen.now_s + 0.002

        self.run(scenario)

    def test_a_discarded_reservation_is_forgotten(self) -> None:
        """But never one that has written."""

        async def scenario(store: Store) -> None:
            job, busy = new_job(), new_job()
            for each in (job, busy):
                await store.reserve(each)
            await store.append(busy, first=1, events=ticks(1), closing=None)
            assert await store.discard(job.job_id)
            assert not await store.discard(busy.job_id)
            assert await store.record(job.job_id) is None
            assert await store.record(busy.job_id) is not None

        self.run(scenario)

    def test_an_abandoned_job_ends_once(self) -> None:
        """One that is over, or unknown, cannot be abandoned."""

        async def scenario(store: Store) -> None:
            job = new_job()
            end = failed_closing(job.job_id, EndReason.DATA_LOST)
            assert not await store.abandon(job.job_id, end)
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1), closing=None)
            assert await store.abandon(job.job_id, end)
            assert not await store.abandon(job.job_id, end)
            assert await names(store, job) == ["tick-1", "error", "end"]

        self.run(scenario)

    def test_pollers_of_a_job_without_events_are_starved_together(self) -> None:
        """Successive polls are one reader that goes on waiting."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            first = await store.take(job.job_id, token="t")
            await asyncio.sleep(0.05)
            second = await store.take(job.job_id, token="u")
            assert first is not None
            assert second is not None
            assert first.starved_s < second.starved_s

        self.run(scenario)

    def test_the_last_event_can_be_asked_for_again(self) -> None:
        """A client that lost the last answer learns the end."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            end = finished()
            events = (*ticks(1), *end.events)
            await store.append(job, first=1, events=events, closing=end)
            ending = await store.ending(job.job_id)
            assert [(entry.position, entry.event.name) for entry in ending] == [(2, "end")]

        self.run(scenario)

    def test_a_failed_ending_is_told_again_whole(self) -> None:
        """The end alone would look like a job that went well."""

        async def scenario(store: Store) -> None:
            job = new_job()
            await store.reserve(job)
            end = failed_closing(job.job_id, EndReason.OUTAGE)
            await store.append(job, first=1, events=(*ticks(1), *end.events), closing=end)
            ending = await store.ending(job.job_id)
            assert [entry.event.name for entry in ending] == ["error", "end"]

        self.run(scenario)


async def names(store: Store, job: Reservation) -> list[str]:
    """Every event of a job."""
    view = await store.read(job.job_id, after=0)
    assert view is not None
    return [entry.event.name for entry in view.entries]


async def take(store: Store, job: Reservation, *, token: str) -> list[str]:
    """What one poll gets and delivers."""
    taken = await open_take(store, job, token=token)
    await store.confirm(job.job_id, token=token)
    return taken


async def open_take(store: Store, job: Reservation, *, token: str) -> list[str]:
    """What one poll gets, not settled yet."""
    view = await store.take(job.job_id, token=token)
    assert view is not None
    return [entry.event.name for entry in view.entries]


class TestMemoryStore(StoreContract):
    """The single-process default."""

    def run(self, scenario: Scenario[T]) -> T:
        async def main() -> T:
            return await scenario(MemoryStore(ttl_s=60, marker_ttl_s=60, settle_s=SETTLE_S))

        return asyncio.run(main())

    def test_a_finished_job_expires_after_its_ttl(self) -> None:
        """And not while it runs, however long that is."""
        clock = [1000.0]

        async def main() -> None:
            store = MemoryStore(ttl_s=60, marker_ttl_s=5, settle_s=5, clock=lambda: clock[0])
            job = new_job()
            await store.reserve(job)
            clock[0] += 500
            assert await store.record(job.job_id) is not None
            await store.append(job, first=1, events=finished().events, closing=finished())
            clock[0] += 59
            assert await store.record(job.job_id) is not None
            clock[0] += 1
            assert await store.record(job.job_id) is None

        asyncio.run(main())


class TestRedisStore(StoreContract):
    """The queue that workers share."""

    @pytest.fixture(autouse=True)
    def _plan(self, redis_port: int) -> Iterator[None]:
        url = f"redis://127.0.0.1:{redis_port}/1"
        self.plan = RedisPlan(url, 1, 3.0, 60, 200, 60, SETTLE_S, LeaseRule(5))
        self.raw = redis.Redis(port=redis_port, db=1, decode_responses=True)
        # Somebody renews a lease: otherwise it would look as if nobody could reach Redis.
        keeper = Keeper(self.plan, worker_id=WORKER, on_kept=lambda _kept: None)
        keeper.renew()
        keeper.close()
        yield
        self.raw.close()

    def run(self, scenario: Scenario[T]) -> T:
        async def main() -> T:
            store = RedisStore(self.plan, worker_id=WORKER)
            try:
                return await scenario(store)
            finally:
                await store.close()

        return asyncio.run(main())

    def test_every_key_has_a_ttl_and_a_jobs_keys_name_it(self) -> None:
        """Worker leases apart, every name contains the job's ID."""
        self.raw.flushdb()

        async def scenario(store: Store) -> str:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1), closing=None)
            await take(store, job, token="t")
            record = await store.record(job.job_id)
            assert record is not None
            await store.signal_cancel(record, reason="user")
            return job.job_id

        job_id = self.run(scenario)
        keys = [str(key) for key in self.raw.scan_iter()]
        assert sum(job_id in key for key in keys) == 5
        assert [key for key in keys if self.raw.pttl(key) < 0] == []
        others = [key for key in keys if job_id not in key]
        assert all(key.startswith(("lfq:leases", "lfq:worker:")) for key in others)

    def test_scripts_survive_a_script_flush(self) -> None:
        """An unknown script is sent anew."""

        async def scenario(store: Store) -> None:
            for _ in range(2):
                await store.reserve(new_job())
                self.raw.script_flush()

        self.run(scenario)

    def test_events_missing_from_the_stream_make_the_next_append_torn(self) -> None:
        """The owner learns that its stream was lost instead of starting a new one."""

        async def scenario(store: Store) -> Written:
            job = new_job()
            await store.reserve(job)
            await store.append(job, first=1, events=ticks(1), closing=None)
            self.raw.delete(f"lfq:job:{job.job_id}:stream")
            return await store.append(job, first=2, events=ticks(2), closing=None)

        assert self.run(scenario) is Written.TORN

    def test_a_heartbeat_of_the_wrong_type_is_an_error_of_its_own(self) -> None:
        """The others are read all the same."""

        async def scenario(store: Store) -> None:
            odd, even = new_job(), new_job()
            for job in (odd, even):
                await store.reserve(job)
            self.raw.delete(f"lfq:job:{odd.job_id}:activity")
            self.raw.lpush(f"lfq:job:{odd.job_id}:activity", "x")
            seen = (await store.activities([odd.job_id, even.job_id])).by_job
            assert (seen[odd.job_id].error, seen[even.job_id].error) == (True, False)

        self.run(scenario)

    def test_a_signal_whose_answer_was_lost_is_told_once(self) -> None:
        """It is sent again over another connection, and known by its number."""

        async def scenario(store: RedisStore) -> list[object]:
            job = new_job()
            await store.reserve(job)
            record = await store.record(job.job_id)
            assert record is not None
            run, lost = store._scripts.run, iter([True])

            async def lossy(name: str, **request: Any) -> Any:
                answer = await run(name, **request)
                if next(lost, False):
                    raise redis.exceptions.ConnectionError("the answer was lost")
                return answer

            listening = self.raw.pubsub(ignore_subscribe_messages=True)
            listening.subscribe(keys.cancel_channel(1))
            listening.get_message(timeout=1)
            store._scripts.run = lossy
            assert await store.signal_cancel(record, reason="user") is Sent.SENT
            heard = [listening.get_message(timeout=0.2) for _ in range(3)]
            listening.close()
            return [message["data"] for message in heard if message]

        assert len(self.run(scenario)) == 1

    def test_a_read_only_redis_cannot_serve(self) -> None:
        """It answers, and takes no write: a health check that only asks would not notice."""

        async def scenario(store: RedisStore) -> None:
            await store.ping()
            await store.client.replicaof("127.0.0.1", "1")
            try:
                with pytest.raises(StoreUnavailable):
                    await store.ping()
            finally:
                await store.client.replicaof("NO", "ONE")

        self.run(scenario)

    def test_an_absent_redis_is_unavailable_in_bounded_time(self) -> None:
        """Not an error of redis-py's, and not silence."""
        away = RedisPlan("redis://127.0.0.1:1/1", 1, 0.3, 60, 200, 60, SETTLE_S, LeaseRule(5))

        async def main() -> None:
            store = RedisStore(away, worker_id=WORKER)
            async with asyncio.timeout(2):
                with pytest.raises(StoreUnavailable):
                    await store.record("any")
            await store.close()

        asyncio.run(main())
