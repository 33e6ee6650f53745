"""State machines without a wire: the transition table alone, and the two stores step by step."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from reference_impl.core.events import (
    Closing,
    EndReason,
    cancelled_closing,
    end_event,
    failed_closing,
    make_event,
)
from reference_impl.core.rules import LeaseRule
from reference_impl.core.states import FINAL_STATES, JobState, Signal, SignalRefused, advance
from reference_impl.store.base import CursorBusy, Reservation, Store, StoreUnavailable, View
from reference_impl.store.memory import MemoryStore
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import RedisPlan

LONG_S = 600
ENDS = {
    Signal.FINISH: JobState.COMPLETED,
    Signal.FAIL: JobState.FAILED,
    Signal.LOSE: JobState.FAILED,
    Signal.CANCEL: JobState.CANCELLED,
}
CLOSINGS: dict[str, Closing | None] = {
    "none": None,
    "finish": Closing(
        (end_event(state=JobState.COMPLETED, duration_s=1),), Signal.FINISH, "finished"
    ),
    "cancel": cancelled_closing("job", "user"),
    "fail": failed_closing("job", EndReason.OUTAGE),
}
QUICK = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Transitions(RuleBasedStateMachine):
    """A job takes signals in any order; the first that ends it wins."""

    def __init__(self) -> None:
        super().__init__()
        self.state = JobState.STARTING
        self.ended_by: Signal | None = None
        self.written = False

    @rule(signal=st.sampled_from(Signal))
    def take(self, signal: Signal) -> None:
        """A final state refuses everything, and says so."""
        if self.ended_by is not None:
            with pytest.raises(SignalRefused):
                advance(self.state, signal)
            return
        self.state = advance(self.state, signal)
        self.written = self.written or signal is Signal.WRITE
        self.ended_by = signal if signal in ENDS else None

    @invariant()
    def stands_where_its_signals_put_it(self) -> None:
        """Nothing but the ending signal, or the first write, decides."""
        before_the_end = JobState.RUNNING if self.written else JobState.STARTING
        expected = before_the_end if self.ended_by is None else ENDS[self.ended_by]
        assert self.state is expected
        assert self.state.is_over == (self.state in FINAL_STATES) == (self.ended_by is not None)

    @invariant()
    def shows_itself_as_running_until_it_is_over(self) -> None:
        """What a client is told."""
        assert (self.state.public == "running") == (self.ended_by is None)


TestTransitions = Transitions.TestCase
TestTransitions.settings = QUICK


class Pair:
    """The two stores, asked the same."""

    def __init__(self, memory: MemoryStore, in_redis: RedisStore, runner: asyncio.Runner) -> None:
        self.stores: tuple[Store, Store] = (memory, in_redis)
        self.runner = runner

    def ask(self, method: str, *words: Any, **named: Any) -> Any:
        """Both answers are the same; what it is."""
        first, second = self.runner.run(self._both(method, words, named))
        assert first == second, f"{method}{words}{named}: memory {first}, Redis {second}"
        return first

    async def _both(self, method: str, words: Any, named: Any) -> list[Any]:
        return [await _answer(getattr(store, method)(*words, **named)) for store in self.stores]


async def _answer(asked: Awaitable[Any]) -> Any:
    """What a store answers, an exception by its name, without what only clocks decide."""
    try:
        answer = await asked
    except (CursorBusy, StoreUnavailable) as refusal:
        return type(refusal).__name__
    if isinstance(answer, View):
        return replace(answer, starved_s=0.0)
    return "an instant" if isinstance(answer, float) else answer


class Stores(RuleBasedStateMachine):
    """Owners write and end jobs, pollers take and settle, anybody reads and cancels."""

    jobs: Bundle[Reservation] = Bundle("jobs")
    untold: Bundle[Reservation] = Bundle("untold")
    takes: Bundle[tuple[str, str]] = Bundle("takes")

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair = pair
        self.run = uuid.uuid4().hex[:8]
        self.count = 0

    def fresh(self) -> int:
        self.count += 1
        return self.count

    @rule(target=jobs, user=st.sampled_from(["ann", "bob"]))
    def reserve(self, user: str) -> Reservation:
        """A job about to start."""
        number = self.fresh()
        job = Reservation(f"{self.run}-{number}", user, "worker", f"fence-{number}")
        assert self.pair.ask("reserve", job) == "an instant"
        return job

    @rule(target=untold)
    def reserve_without_telling(self) -> Reservation:
        """A job whose submit was never answered."""
        return self.reserve("ann")

    @rule(job=consumes(untold))
    def discard(self, job: Reservation) -> None:
        """It is forgotten."""
        self.pair.ask("discard", job.job_id)
        assert self.pair.ask("record", job.job_id) is None

    @rule(job=jobs, same=st.booleans())
    def reserve_again(self, job: Reservation, same: bool) -> None:
        """By the same owner, or by another."""
        answer = self.pair.ask("reserve", job if same else replace(job, fence="other"))
        assert answer == ("an instant" if same else "StoreUnavailable")

    @rule(
        job=jobs,
        offset=st.integers(-2, 2),
        number=st.integers(0, 3),
        how=st.sampled_from(sorted(CLOSINGS)),
        forged=st.integers(0, 9),
    )
    def append(self, job: Reservation, offset: int, number: int, how: str, forged: int) -> None:
        """Behind what is there, again, with a gap, with an end, by somebody else."""
        record = self.pair.ask("record", job.job_id)
        first = max(1, record.written + offset)
        closing = CLOSINGS[how]
        events = tuple(make_event(f"tick-{self.fresh()}", {}) for _ in range(number))
        events += closing.events if closing else ()
        writer = replace(job, fence="forged") if forged == 0 else job
        if events:
            self.pair.ask("append", writer, first=first, events=events, closing=closing)

    @rule(job=jobs, how=st.sampled_from(["finish", "cancel", "fail"]))
    def close(self, job: Reservation, how: str) -> None:
        """The owner ends it wherever it stands."""
        self.pair.ask("close_job", job, CLOSINGS[how])

    @rule(job=jobs, after=st.integers(0, 6), limit=st.sampled_from([None, 1, 3]))
    def read(self, job: Reservation, after: int, limit: int | None) -> None:
        """Behind any position, without moving anything."""
        self.pair.ask("read", job.job_id, after=after, limit=limit)
        self.pair.ask("ending", job.job_id)

    @rule(target=takes, job=jobs)
    def take(self, job: Reservation) -> Any:
        """A poll; perhaps while another is not settled."""
        token = f"token-{self.fresh()}"
        answer = self.pair.ask("take", job.job_id, token=token)
        opened = isinstance(answer, View) and bool(answer.entries)
        return (job.job_id, token) if opened else multiple()

    @rule(take=takes, how=st.sampled_from(["take", "confirm", "give_back"]))
    def settle(self, take: tuple[str, str], how: str) -> None:
        """Once, again, or long after; or the same poll asks again."""
        job_id, token = take
        self.pair.ask(how, job_id, token=token)

    @rule(job=jobs)
    def cancel(self, job: Reservation) -> None:
        """A signal, and the marker it leaves."""
        record = self.pair.ask("record", job.job_id)
        self.pair.ask("signal_cancel", record, reason="user")
        self.pair.ask("markers", [job.job_id, "nonesuch"])

    @rule(job=jobs)
    def touch(self, job: Reservation) -> None:
        """A client cares; what is written is each store's own clock."""
        self.pair.ask("touch", job.job_id)

    @rule(job=jobs)
    def look(self, job: Reservation) -> None:
        """The record, as anybody sees it."""
        record = self.pair.ask("record", job.job_id)
        assert record.state.is_over or record.reason == ""


@pytest.fixture
def pair(redis_port: int) -> Iterator[Pair]:
    """A memory store and a Redis store with the same settings, nothing of which expires."""
    with redis.Redis(port=redis_port) as client:
        client.flushall()
    plan = RedisPlan(
        url=f"redis://127.0.0.1:{redis_port}/1",
        db=1,
        answer_timeout_s=5.0,
        ttl_s=LONG_S,
        activity_ttl_s=LONG_S,
        marker_ttl_s=LONG_S,
        settle_s=LONG_S,
        lease=LeaseRule(LONG_S),
    )
    memory = MemoryStore(ttl_s=LONG_S, marker_ttl_s=LONG_S, settle_s=LONG_S)
    with asyncio.Runner() as runner:
        store = RedisStore(plan, worker_id="worker")
        yield Pair(memory, store, runner)
        runner.run(store.close())


def test_memory_and_redis_answer_alike_step_by_step(pair: Pair) -> None:
    """Whatever is asked of the two stores, in whatever order, they agree."""
    run_state_machine_as_test(lambda: Stores(pair), settings=QUICK)
