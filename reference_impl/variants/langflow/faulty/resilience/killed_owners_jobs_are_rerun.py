"""The build of a worker that was killed is run again by another, from its first step.

Flowise 3.1: after a SIGKILL the job is run again from step 0 by another worker. Whatever the first
run did outside the queue is done twice; here readers do not even see it, for what was written
already is skipped.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.reaper import Reaper
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

SCENARIOS = {"CHAOS-040": frozenset({"RESI-002"})}
KEPT_S = 60


class Inheriting(RedisStore):
    """Keeps what a job was to do, and gives the jobs of the dead to whoever asks first."""

    async def lose(self, job_id: str, closing: Closing) -> bool:
        """No job is lost: somebody will run it."""
        return False

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append what is new; an end comes behind everything that was ever written."""
        if closing is None:
            return await super().append(job, first=first, events=events, closing=None)
        before = events[: len(events) - len(closing.events)]
        written = await super().append(job, first=first, events=before, closing=None)
        return await self.close_job(job, closing) if written is Written.DONE else written

    async def keep_graph(self, job_id: str, graph: Mapping[str, Any]) -> None:
        """For an heir."""
        name = f"{keys.JOB_PREFIX}{job_id}:graph"
        await self._ask(lambda: self.client.set(name, json.dumps(graph), ex=KEPT_S))

    async def inherit(self, job_id: str) -> tuple[Reservation, dict[str, Any]] | None:
        """The job and what it is to do, for the first who asks."""
        record, fence = await self.record(job_id), secrets.token_hex(8)
        name = f"{keys.JOB_PREFIX}{job_id}"
        first = await self._ask(lambda: self.client.set(f"{name}:heir", fence, nx=True, ex=KEPT_S))
        graph = await self._ask(lambda: self.client.get(f"{name}:graph"))
        if record is None or not first or graph is None:
            return None
        async with self.client.pipeline() as pipe:
            pipe.hset(keys.record(job_id), mapping={"fence": fence, "worker": self.worker_id})
            pipe.srem(keys.jobs_of(record.worker_id), job_id)
            pipe.sadd(keys.jobs_of(self.worker_id), job_id)
            await pipe.execute()
        return Reservation(job_id, record.user_id, self.worker_id, fence), json.loads(graph)


class InheritingDesk(BuildDesk):
    """Runs what others have begun."""

    async def submit(self, *, user_id: str, graph: Mapping[str, Any]) -> Job:
        """Start, and leave word for an heir."""
        job = await super().submit(user_id=user_id, graph=graph)
        await cast(Inheriting, self.store).keep_graph(job.id, graph)
        return job

    async def take_over(self, job_id: str) -> None:
        """Run it again from its first step."""
        self.reserving.add(job_id)
        try:
            inherited = await cast(Inheriting, self.store).inherit(job_id)
            if inherited is not None:
                reservation, graph = inherited
                self._start(Job(reservation, started_s=await self.store.now_s()), graph)
        finally:
            self.reserving.discard(job_id)


class Undertaker(Reaper):
    """Finds heirs."""

    desk: InheritingDesk

    async def reap(self) -> None:
        """Have every job whose owner's lease is over run again."""
        for job_id in await self.store.ownerless():
            await self.desk.take_over(job_id)


class VariantAssembly(Assembly):
    """Runs builds at least once."""

    redis_store_class = Inheriting
    desk_class = InheritingDesk
    reaper_class = Undertaker

    @cached_property
    def reaper(self) -> Reaper:
        """A reaper that knows the desk."""
        made = super().reaper
        assert isinstance(made, Undertaker)
        made.desk = cast(InheritingDesk, self.desk)
        return made
