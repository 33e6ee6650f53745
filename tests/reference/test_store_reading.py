"""What every store promises of reading and of signals; for memory and for Redis."""

from __future__ import annotations

import asyncio

import pytest

from reference_impl.store.base import (
    CursorBusy,
    Sent,
    Store,
)

from .stores import (
    SETTLE_S,
    InMemory,
    InRedis,
    StoreContract,
    finished,
    names,
    new_job,
    open_take,
    take,
    ticks,
)


class Reading(StoreContract):
    """How events are taken, followed and asked for again, and what is told of a job meanwhile."""

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


class TestMemoryStore(InMemory, Reading):
    """The single-process default."""


class TestRedisStore(InRedis, Reading):
    """The queue that workers share."""
