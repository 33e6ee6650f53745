"""What every store promises of writing: reservations, appends, ends; for memory and for Redis."""

from __future__ import annotations

import asyncio

import pytest

from reference_impl.core.events import (
    EndReason,
    cancelled_closing,
    failed_closing,
)
from reference_impl.core.states import JobState
from reference_impl.store.base import (
    Reservation,
    Store,
    StoreUnavailable,
    Written,
)
from reference_impl.store.memory import MemoryStore

from .stores import WORKER, InMemory, InRedis, StoreContract, finished, names, new_job, ticks


class Writing(StoreContract):
    """How jobs come to be, are written and end."""

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


class TestMemoryStore(InMemory, Writing):
    """The single-process default."""

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


class TestRedisStore(InRedis, Writing):
    """The queue that workers share."""
