"""Both stores, a base for what either promises, and the jobs and events that are put into them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
import redis

from reference_impl.core.events import (
    Closing,
    Event,
    end_event,
    make_event,
)
from reference_impl.core.rules import LeaseRule
from reference_impl.core.states import JobState, Signal
from reference_impl.store.base import (
    Reservation,
    Store,
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
    """What every store promises; `InMemory` or `InRedis` says how a scenario gets its store."""

    def run(self, scenario: Scenario[T]) -> T:
        raise NotImplementedError


class InMemory:
    """The single-process default."""

    def run(self, scenario: Scenario[T]) -> T:
        async def main() -> T:
            return await scenario(MemoryStore(ttl_s=60, marker_ttl_s=60, settle_s=SETTLE_S))

        return asyncio.run(main())


class InRedis:
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
