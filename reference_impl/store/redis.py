"""The store in Redis: each method is one script or one command.

Langflow 1.10 "Deploy Langflow with multiple workers", Enable the Redis job queue: events live in
Redis Streams so that any worker can serve any job.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import redis.exceptions as errors

from reference_impl import fast
from reference_impl.core.events import Closing, Event
from reference_impl.core.states import JobState, advance
from reference_impl.fast.script_connections import QuickScripts
from reference_impl.store import redis_keys as keys
from reference_impl.store import redis_replies as replies
from reference_impl.store.base import (
    Activities,
    CursorBusy,
    Entry,
    Record,
    Reservation,
    Sent,
    StoreUnavailable,
    View,
    Written,
    ending_of,
)
from reference_impl.store.messages import CancelMessage
from reference_impl.store.redis_client import REDIS_ERRORS, PooledScripts, RedisPlan, connect

T = TypeVar("T")

FIRST_RETRY_S = 0.05
LAST_RETRY_S = 0.4
HEALTH_TTL_MS = 10_000
# A position that no job's events come to.
OUT_OF_REACH = 10**9


class RedisStore:
    """Implements :class:`reference_impl.store.base.Store` on one Redis database."""

    def __init__(self, plan: RedisPlan, *, worker_id: str) -> None:
        self.plan = plan
        self.worker_id = worker_id
        self.client = connect(plan)
        self._scripts = (QuickScripts if fast.enabled() else PooledScripts)(self.client)

    # -- jobs ---------------------------------------------------------------------------------

    async def reserve(self, reservation: Reservation) -> float:
        """Create the record; return its start time. Safe to repeat with the same fence."""
        job, plan = reservation, self.plan
        started_ms = await self._script(
            "reserve",
            [
                keys.record(job.job_id),
                keys.activity(job.job_id),
                keys.LEASES,
                keys.jobs_of(job.worker_id),
            ],
            [
                *(job.fence, job.user_id, job.worker_id, replies.ms(plan.ttl_s)),
                *(replies.ms(plan.activity_ttl_s), replies.ms(plan.lease.lease_s), job.job_id),
            ],
        )
        if not started_ms:
            raise StoreUnavailable(f"job id {job.job_id} is taken")
        return int(started_ms) / 1000

    async def discard(self, job_id: str) -> bool:
        """Forget a reservation of this worker that nobody was told of; False if it has written."""
        names = [keys.record(job_id), keys.activity(job_id), keys.jobs_of(self.worker_id)]
        return bool(await self._script("discard", names, [job_id]))

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append events exactly once; with ``closing``, end the job in the same step."""
        final = advance(JobState.RUNNING, closing.signal).value if closing else ""
        reason = closing.reason if closing else ""
        job_id = job.job_id
        names = [
            *(keys.record(job_id), keys.stream(job_id), keys.cursor(job_id)),
            *(keys.activity(job_id), keys.jobs_of(job.worker_id)),
        ]
        args = [
            job.fence,
            first,
            replies.ms(self.plan.ttl_s),
            final,
            reason,
            job_id,
            *replies.flat(events),
        ]
        return Written(await self._script("append", names, args))

    async def close_job(self, job: Reservation, closing: Closing, *, written: int = 0) -> Written:
        """End the owner's job wherever its stream stands, behind what it has ``written``."""
        return await self._close(job.job_id, closing, fence=job.fence, written=written)

    async def abandon(self, job_id: str, closing: Closing) -> bool:
        """End a job of this worker that it no longer runs; False if there is none."""
        outcome = await self._close(job_id, closing, worker=self.worker_id, written=OUT_OF_REACH)
        return outcome is Written.DONE

    async def lose(self, job_id: str, closing: Closing) -> bool:
        """End a job whose owner is dead; False if it is not, or if the job is over."""
        return await self._close(job_id, closing) is Written.DONE

    # -- reading ------------------------------------------------------------------------------

    async def record(self, job_id: str) -> Record | None:
        """The job's record, None if unknown or expired."""
        names = ("user", "worker", "state", "seq", "reason")
        question = ("HMGET", keys.record(job_id), *names)
        fields: list[Any] = await self._ask(lambda: self._scripts.ask(*question))
        return replies.record(job_id, fields) if fields[0] is not None else None

    async def read(self, job_id: str, *, after: int, limit: int | None = None) -> View | None:
        """See the events behind a position, without moving anything."""
        names = [keys.record(job_id), keys.stream(job_id), keys.LEASES, keys.PULSE]
        args = [after, "" if limit is None else limit, self._gap_ms]
        return replies.view(job_id, await self._script("read", names, args))

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Move the shared cursor past everything written and return what it passed."""
        names = [
            *(keys.record(job_id), keys.stream(job_id), keys.LEASES, keys.PULSE),
            keys.cursor(job_id),
        ]
        args = [token, self._gap_ms, replies.ms(self.plan.settle_s)]
        reply = await self._script("take", names, args)
        if reply == "busy":
            raise CursorBusy(job_id)
        return replies.view(job_id, reply)

    async def confirm(self, job_id: str, *, token: str) -> bool:
        """Settle a take: its events were sent. False if it is not open any more."""
        return bool(await self._script("settle", [keys.cursor(job_id)], [token, "confirm"]))

    async def give_back(self, job_id: str, *, token: str) -> bool:
        """Settle a take: its events reached nobody. False if it is not open any more."""
        return bool(await self._script("settle", [keys.cursor(job_id)], [token, "give_back"]))

    async def ending(self, job_id: str) -> tuple[Entry, ...]:
        """The job's last event, with the error before it if that says how the job ended."""
        rows = await self._ask(lambda: self.client.xrevrange(keys.stream(job_id), count=2))
        return ending_of(replies.entries(rows or ())[::-1])

    async def follow(
        self, job_id: str, *, after: int, within_s: float, limit: int
    ) -> tuple[Entry, ...]:
        """Wait for events behind a position; empty when time is up or something is odd."""
        stream = keys.stream(job_id)
        block_ms = max(1, replies.ms(within_s))
        how = ("COUNT", limit, "BLOCK", block_ms, "STREAMS", stream, f"{after}-0")
        reply: Any = await self._once(
            lambda: _repeated(lambda: self._scripts.ask("XREAD", *how)),
            within_s=within_s + self.plan.answer_timeout_s,
        )
        return replies.raw_entries(reply[0][1]) if reply else ()

    # -- signals ------------------------------------------------------------------------------

    async def touch(self, job_id: str) -> None:
        """Write the job's heartbeat: a client cares."""
        names = [keys.record(job_id), keys.activity(job_id)]
        await self._script("touch", names, [replies.ms(self.plan.activity_ttl_s)])

    async def activities(self, job_ids: Sequence[str]) -> Activities:
        """Read heartbeats; one that cannot be read does not spoil the others."""

        async def read_all() -> list[Any]:
            async with self.client.pipeline(transaction=False) as pipe:
                pipe.time()
                for job_id in job_ids:
                    pipe.get(keys.activity(job_id))
                return await pipe.execute(raise_on_error=False)

        now, *values = await self._ask(read_all)
        if isinstance(now, Exception):
            raise StoreUnavailable(str(now))
        return Activities(
            replies.seconds(now), dict(zip(job_ids, map(replies.activity, values), strict=True))
        )

    async def signal_cancel(self, record: Record, *, reason: str) -> Sent:
        """Leave the cancel marker and tell every worker, in one step."""
        message = CancelMessage(job_id=record.job_id, owner=record.worker_id, reason=reason)
        names = [keys.record(record.job_id), keys.marker(record.job_id)]
        channel = keys.cancel_channel(self.plan.db)
        number = uuid.uuid4().hex
        args = [reason, self.plan.marker_ttl_s, channel, message.encode(), number]
        return Sent(await self._script("signal_cancel", names, args))

    async def markers(self, job_ids: Sequence[str]) -> dict[str, str]:
        """The reasons of those jobs that have a cancel marker."""
        names = [keys.marker(job_id) for job_id in job_ids]
        ask = self._scripts.ask
        values: list[Any] = await self._ask(lambda: ask("MGET", *names)) if names else []
        return {job_id: value for job_id, value in zip(job_ids, values, strict=True) if value}

    async def ownerless(self) -> list[str]:
        """Jobs not over whose owner is dead."""
        args = [self._gap_ms, keys.WORKER_PREFIX, keys.JOB_PREFIX]
        found: list[str] = await self._script("ownerless", [keys.LEASES, keys.PULSE], args)
        return found

    # -- the connection -----------------------------------------------------------------------

    async def now_s(self) -> float:
        """Redis's own clock."""
        return replies.seconds(await self._ask(self.client.time))

    async def ping(self) -> None:
        """Answer if Redis takes a write: one that is full or read-only can run no job."""
        await self._ask(lambda: self.client.set(keys.HEALTH, self.worker_id, px=HEALTH_TTL_MS))

    async def close(self) -> None:
        """Let go of all connections."""
        await self._scripts.close()
        await self.client.aclose(close_connection_pool=True)

    @property
    def _gap_ms(self) -> int:
        return replies.ms(self.plan.lease.gap_s)

    async def _close(
        self, job_id: str, closing: Closing, *, fence: str = "", worker: str = "", written: int = 0
    ) -> Written:
        final = advance(JobState.RUNNING, closing.signal).value
        names = [
            *(keys.record(job_id), keys.stream(job_id), keys.cursor(job_id)),
            *(keys.activity(job_id), keys.LEASES, keys.PULSE),
        ]
        args = [
            *(fence, worker, written),
            *(replies.ms(self.plan.ttl_s), final, closing.reason, job_id),
            *(self._gap_ms, keys.WORKER_PREFIX, *replies.flat(closing.events)),
        ]
        return Written(await self._script("close", names, args))

    async def _script(self, name: str, names: Sequence[str], args: Sequence[object]) -> Any:
        return await self._ask(lambda: self._scripts.run(name, keys=names, args=args))

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Ask, and ask again over a fresh connection, while the answer timeout allows.

        Repeating is safe: every script and command here may run twice with one effect.
        """
        return await self._once(lambda: _repeated(question), within_s=self.plan.answer_timeout_s)

    async def _once(self, question: Callable[[], Awaitable[T]], *, within_s: float) -> T:
        try:
            async with asyncio.timeout(within_s):
                return await question()
        except REDIS_ERRORS as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


async def _repeated(question: Callable[[], Awaitable[T]]) -> T:
    wait_s = FIRST_RETRY_S
    while True:
        try:
            return await question()
        except (errors.ConnectionError, OSError):
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LAST_RETRY_S)
