"""arq (arq-docs.helpmanual.io). Workers: `arq bridges.backends.arq.WorkerSettings`.

JOB_TIMEOUT_S   "Reference > Worker: job_timeout"; a dead worker's job stays taken for so long, too
MAX_JOBS        "Reference > Worker: max_jobs"
MAX_TRIES       "Reference > Worker: max_tries"
RESULT_KEPT_S   "Reference > Worker: keep_result"
Aborts: "Usage > Retrying jobs and cancellation", `allow_abort_jobs`.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from arq import create_pool
from arq.connections import RedisSettings
from arq.jobs import Job, JobStatus
from arq.worker import Retry

from bridges import settings
from bridges.jobs import Order, State, Unsupported
from bridges.work import do_async

JOB_TIMEOUT_S = settings.number("JOB_TIMEOUT_S", 300.0)
MAX_JOBS = settings.whole("MAX_JOBS", 10)
MAX_TRIES = settings.whole("MAX_TRIES", 5)
RESULT_KEPT_S = settings.number("RESULT_KEPT_S", 3600.0)
_ABORTED_WITHIN_S = 3.0

_REDIS = RedisSettings.from_dsn(settings.QUEUE_URL)


async def steps(context: dict[str, Any], work: dict[str, Any]) -> dict[str, int]:
    """The work; `Retry` where the order asks for it, since arq retries no other exception."""
    try:
        return await do_async(work)
    except Exception as error:
        if context["job_try"] > (work["retries"]):
            raise
        raise Retry(defer=1) from error


class WorkerSettings:
    """What `arq` reads."""

    functions: ClassVar = [steps]
    redis_settings = _REDIS
    allow_abort_jobs = True
    job_timeout = JOB_TIMEOUT_S
    max_jobs = MAX_JOBS
    max_tries = MAX_TRIES
    keep_result = RESULT_KEPT_S


_STATES = {
    JobStatus.deferred: State.QUEUED,
    JobStatus.queued: State.QUEUED,
    JobStatus.in_progress: State.RUNNING,
    JobStatus.not_found: State.UNKNOWN,
}


class ArqBackend:
    """arq's default queue."""

    has = frozenset({"cancel", "result", "delay", "retries"})

    def __init__(self) -> None:
        self._pool: Any = None

    async def submit(self, order: Order, work: dict[str, Any]) -> str:
        """`ArqRedis.enqueue_job`."""
        defer_by = order.delay_s or None
        job = await (await self._redis()).enqueue_job("steps", work, _defer_by=defer_by)
        return str(job.job_id)

    async def state(self, job_id: str) -> State:
        """`Job.status`, and how it ended by `Job.result_info`."""
        job = await self._job(job_id)
        status = await job.status()
        if status is not JobStatus.complete:
            return _STATES[status]
        info = await job.result_info()
        if info is None:
            return State.UNKNOWN
        if isinstance(info.result, asyncio.CancelledError):
            return State.CANCELLED
        return State.FINISHED if info.success else State.FAILED

    async def result(self, job_id: str) -> Any:
        """`Job.result_info` of a success."""
        info = await (await self._job(job_id)).result_info()
        return info.result if info is not None and info.success else None

    async def cancel(self, job_id: str) -> bool:
        """`Job.abort`: True once the job was cancelled."""
        try:
            return bool(await (await self._job(job_id)).abort(timeout=_ABORTED_WITHIN_S))
        except TimeoutError:
            return False

    def workers(self) -> list[dict[str, str]]:
        """None: there is one health key for all."""
        raise Unsupported("arq does not tell its workers apart")

    async def _job(self, job_id: str) -> Any:
        return Job(job_id, await self._redis())

    async def _redis(self) -> Any:
        if self._pool is None:
            self._pool = await create_pool(_REDIS)
        return self._pool


backend = ArqBackend()
