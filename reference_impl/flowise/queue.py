"""The prediction queue, through the ``bullmq`` package, for whoever adds, looks or tidies."""

from __future__ import annotations

from typing import Any

import redis.asyncio as aredis
from bullmq import Queue
from bullmq.job import Job

from reference_impl.core.predictions import HoldRule
from reference_impl.flowise.keys import Keys
from reference_impl.flowise.settings import Settings

STATUSES = ("waiting", "active", "completed", "failed", "delayed", "prioritized", "paused")
CLEAN_AT_ONCE = 1000
FINGERPRINT_LIFE_S = 15


class PredictionQueue:
    """Jobs of one deployment. Everything here may raise what Redis raises."""

    def __init__(self, settings: Settings, client: aredis.Redis) -> None:
        self.settings = settings
        self.client = client
        self.keys = Keys(settings.prediction_queue)
        self.queue = Queue(settings.prediction_queue, {"connection": client})

    @property
    def hold(self) -> HoldRule:
        """When a worker has lost a job."""
        return self.settings.hold

    async def add(self, job_id: str, data: dict[str, Any]) -> None:
        """Add a job, once: a second time under the same ID changes nothing."""
        kept = self.settings.keep_jobs
        options: Any = {"jobId": job_id, "removeOnComplete": kept, "removeOnFail": kept}
        await self.queue.add(job_id, data, options)

    async def apply_trimming(self) -> None:
        """Tell BullMQ how long its event stream may be; a flushed Redis has forgotten."""
        limit = self.settings.event_stream_max_len
        await self.client.hset(self.keys.bull("meta"), "opts.maxLenEvents", str(limit))

    async def publish_abort(self, flow_id: str, chat_id: str) -> None:
        """Tell every worker that a chat's prediction is no longer wanted."""
        fields = {"event": "abort", "id": f"{flow_id}_{chat_id}"}
        await self.client.xadd(
            self.keys.bull("events"),
            fields,  # type: ignore[arg-type]
            maxlen=self.settings.event_stream_max_len,
            approximate=True,
        )

    async def remove(self, job_id: str) -> bool:
        """Take a job out; False if a worker holds it."""
        return bool(await self.queue.remove(job_id))

    async def exists(self, job_id: str) -> bool:
        """Whether Redis still has the job."""
        return bool(await self.client.exists(self.keys.job(job_id)))

    async def state(self, job_id: str) -> str:
        """BullMQ's state of a job; ``unknown`` if there is none."""
        return str(await self.queue.getJobState(job_id))

    async def is_paused(self) -> bool:
        """Whether somebody paused the queue."""
        return bool(await self.queue.isPaused())

    async def release_stalled(self) -> list[str]:
        """Put back jobs nobody holds; each is marked so that it is not simply run again."""
        interval_ms = int(self.hold.check_every_s * 1000)
        return list(await self.queue.backend.moveStalledJobsToWait(0, interval_ms))

    async def tidy(self) -> None:
        """Trim the event stream to its length, and remove finished jobs that are too old."""
        await self.apply_trimming()
        if self.settings.remove_on_age_s is not None:
            grace_ms = self.settings.remove_on_age_s * 1000
            for status in ("completed", "failed"):
                await self.queue.clean(grace_ms, CLEAN_AT_ONCE, status)
        # Last, since cleaning writes events of its own. BullMQ itself trims only about this far.
        limit = self.settings.event_stream_max_len
        await self.client.xtrim(self.keys.bull("events"), maxlen=limit, approximate=False)

    async def counts(self) -> dict[str, int]:
        """How many jobs there are of each status."""
        counts: dict[str, int] = await self.queue.getJobCounts(*STATUSES)
        return {status: counts.get(status, 0) for status in STATUSES}

    async def jobs(self, statuses: list[str], *, start: int, count: int) -> list[tuple[str, Job]]:
        """Jobs of these statuses with their status, newest first."""
        found: list[tuple[str, Job]] = []
        for status in statuses:
            jobs = await self.queue.getJobs([status], 0, start + count - 1, False)
            found += [(status, job) for job in jobs]
        found.sort(key=lambda item: item[1].timestamp, reverse=True)
        return found[start : start + count]

    async def fingerprint(self) -> str | None:
        """The fingerprint a main server left."""
        found = await self.client.get(self.keys.secret)
        return None if found is None else str(found)

    async def leave_fingerprint(self, fingerprint: str) -> None:
        """Say which secret key this deployment has, for as long as its server lives."""
        await self.client.set(self.keys.secret, fingerprint, ex=FINGERPRINT_LIFE_S)
