"""RQ (python-rq.org). Workers: `rq worker jobs --with-scheduler`, or `rq worker-pool jobs`.

JOB_TIMEOUT_S   "Results > Dealing with Job Timeouts": the horse is killed after so long
RESULT_TTL_S    "Results > Job Results > Result TTL": how long a result is kept
RETRIES         "Exceptions & Retries > Retrying Failed Jobs"
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from redis import Redis
from rq import Queue, Retry
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.worker import Worker

from bridges import settings
from bridges.jobs import Order, State
from bridges.work import do

JOB_TIMEOUT_S = settings.whole("JOB_TIMEOUT_S", 180)
RESULT_TTL_S = settings.whole("RESULT_TTL_S", 500)
RETRIES = settings.whole("RETRIES", 0)

_STATES = {
    "created": State.QUEUED,
    "queued": State.QUEUED,
    "deferred": State.QUEUED,
    "scheduled": State.QUEUED,
    "started": State.RUNNING,
    "finished": State.FINISHED,
    "failed": State.FAILED,
    "stopped": State.CANCELLED,
    "canceled": State.CANCELLED,
}


class RqBackend:
    """A queue called `jobs`."""

    has = frozenset({"cancel", "result", "workers", "delay", "retries", "priority"})

    def __init__(self) -> None:
        self._redis: Any = Redis.from_url(settings.QUEUE_URL)
        self._queue = Queue("jobs", connection=self._redis, default_timeout=JOB_TIMEOUT_S)

    def submit(self, order: Order, work: dict[str, Any]) -> str:
        """`Queue.enqueue`, or `enqueue_in` for a delay; a priority puts it at the front."""
        retries = order.retries or RETRIES
        options: dict[str, Any] = {"result_ttl": RESULT_TTL_S}
        if retries:
            options["retry"] = Retry(max=retries)
        if order.delay_s:
            delay = timedelta(seconds=order.delay_s)
            return str(self._queue.enqueue_in(delay, do, work, **options).id)
        return str(self._queue.enqueue(do, work, at_front=bool(order.priority), **options).id)

    def state(self, job_id: str) -> State:
        """`Job.get_status`."""
        job = self._job(job_id)
        status = None if job is None else job.get_status()
        return State.UNKNOWN if status is None else _STATES[str(getattr(status, "value", status))]

    def result(self, job_id: str) -> Any:
        """`Job.return_value`."""
        job = self._job(job_id)
        return None if job is None else job.return_value()

    def cancel(self, job_id: str) -> bool:
        """`send_stop_job_command` for a job that runs, `Job.cancel` for one that waits."""
        job = self._job(job_id)
        if job is None:
            return False
        if job.get_status() == "started":
            try:
                send_stop_job_command(self._redis, job_id)
            except InvalidJobOperation:
                return False
            return True
        job.cancel()
        return True

    def workers(self) -> list[dict[str, str]]:
        """`Worker.all`."""
        found = Worker.all(connection=self._redis)
        return [{"name": worker.name, "state": str(worker.get_state())} for worker in found]

    def _job(self, job_id: str) -> Job | None:
        try:
            return Job.fetch(job_id, connection=self._redis)
        except NoSuchJobError:
            return None


backend = RqBackend()
