"""The builds this worker owns: started here, stopped here, and counted while not over."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from reference_impl.core.events import Closing, EndReason, cancelled_closing, failed_closing
from reference_impl.langflow.bridge import Bridge
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner
from reference_impl.store.base import Reservation, Store

HALT_WITHIN_S = 1.0


class BuildDesk:
    """Starts jobs after their reservation, and lets go of them when they are over."""

    def __init__(self, *, store: Store, worker_id: str, runner: BuildRunner) -> None:
        self.store = store
        self.worker_id = worker_id
        self.runner = runner
        self.jobs: dict[str, Job] = {}
        self.reserving: set[str] = set()
        self._bridge: Bridge | None = None
        # The loop itself holds no task: a component that outlives its job would be collected.
        self._runners: set[asyncio.Task[None]] = set()

    def connect(self, bridge: Bridge) -> None:
        """Say which bridge carries events; the bridge in turn needs this desk to halt jobs."""
        self._bridge = bridge

    @property
    def active_jobs(self) -> int:
        """Jobs owned by this worker that are not over."""
        return len(self.jobs)

    @property
    def bridge_count(self) -> int:
        """Bridges that still carry events."""
        bridges = [job.bridge for job in self.jobs.values()]
        return sum(1 for bridge in bridges if bridge is not None and not bridge.done())

    async def submit(self, *, user_id: str, graph: Mapping[str, Any]) -> Job:
        """Reserve, then start. When the reservation fails nothing has been started."""
        fence = secrets.token_hex(8)
        reservation = Reservation(self.new_id(), user_id, self.worker_id, fence)
        self.reserving.add(reservation.job_id)
        try:
            started_s = await self.store.reserve(reservation)
            return self._start(Job(reservation, started_s=started_s), graph)
        finally:
            self.reserving.discard(reservation.job_id)

    def new_id(self) -> str:
        """An ID that no other worker gives to a job."""
        return str(uuid.uuid4())

    def owned(self, job_id: str) -> Job | None:
        """The job, if this worker runs it."""
        return self.jobs.get(job_id)

    async def cancel(self, job: Job, *, reason: str) -> bool:
        """End a job as cancelled; False if it was being stopped already."""
        return await self.stop(job, cancelled_closing(job.id, reason))

    async def fail(self, job: Job, *, reason: EndReason) -> bool:
        """End a job with an error; False if it was being stopped already."""
        return await self.stop(job, failed_closing(job.id, reason))

    async def stop(self, job: Job, closing: Closing) -> bool:
        """Halt the component first, then say how the job ended: the word follows the effect."""
        if job.stopping:
            return False
        job.stopping = True
        await self.halt(job)
        job.finish(closing)
        return True

    async def halt(self, job: Job) -> None:
        """Silence and cancel the component, and wait a bounded time until it is gone."""
        job.muted = True
        if job.runner is not None and not job.runner.done():
            job.runner.cancel()
            await asyncio.wait({job.runner}, timeout=HALT_WITHIN_S)

    async def disown(self, job: Job) -> None:
        """Somebody else has ended this job: stop working for it, write nothing."""
        job.stopping = True
        await self.halt(job)
        if job.bridge is not None:
            job.bridge.cancel()

    def begin(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Start the component, which is kept until it has come to its end."""
        job.runner = asyncio.create_task(self.runner.run(job, graph))
        self._runners.add(job.runner)
        job.runner.add_done_callback(self._runners.discard)

    def _start(self, job: Job, graph: Mapping[str, Any]) -> Job:
        assert self._bridge is not None
        self.jobs[job.id] = job
        self.begin(job, graph)
        job.bridge = asyncio.create_task(self._bridge.run(job))
        job.bridge.add_done_callback(lambda _task: self._over(job))
        return job

    def _over(self, job: Job) -> None:
        self.jobs.pop(job.id, None)
