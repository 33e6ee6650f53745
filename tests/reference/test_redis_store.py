"""What the store in Redis promises besides: its keys, its scripts, and being away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis

from reference_impl.core.rules import LeaseRule
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import (
    Sent,
    Store,
    StoreUnavailable,
    Written,
)
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import RedisPlan

from .stores import SETTLE_S, WORKER, InRedis, new_job, take, ticks


class TestRedisStore(InRedis):
    """The queue that workers share."""

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
