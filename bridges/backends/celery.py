"""Celery (docs.celeryq.dev) on Redis. Workers: `celery -A bridges.backends.celery worker`.

ACKS_LATE              "Tasks > List of Options", "FAQ > Should I use retry or acks_late?"
REJECT_ON_LOST         "Configuration and defaults > task_reject_on_worker_lost"
VISIBILITY_TIMEOUT_S   "Using Redis > Visibility Timeout"
RESULT_EXPIRES_S       "Configuration and defaults > result_expires"
PREFETCH               "Configuration and defaults > worker_prefetch_multiplier"
RETRIES, RETRY_PAUSE_S "Tasks > Retrying", "Tasks > Retrying > Using a custom retry delay"
"""

from __future__ import annotations

from typing import Any

from celery import Celery

from bridges import settings
from bridges.jobs import Order, State
from bridges.work import do

ACKS_LATE = settings.flag("ACKS_LATE")
REJECT_ON_LOST = settings.flag("REJECT_ON_LOST")
VISIBILITY_TIMEOUT_S = settings.whole("VISIBILITY_TIMEOUT_S", 3600)
RESULT_EXPIRES_S = settings.whole("RESULT_EXPIRES_S", 86400)
PREFETCH = settings.whole("PREFETCH", 4)
RETRIES = settings.whole("RETRIES", 0)
RETRY_PAUSE_S = settings.number("RETRY_PAUSE_S", 1.0)

_STATES = {
    "PENDING": State.QUEUED,
    "RECEIVED": State.QUEUED,
    "RETRY": State.QUEUED,
    "STARTED": State.RUNNING,
    "SUCCESS": State.FINISHED,
    "FAILURE": State.FAILED,
    "REVOKED": State.CANCELLED,
}

app = Celery("bridge", broker=settings.QUEUE_URL, backend=settings.QUEUE_URL)
app.conf.update(
    task_default_queue="jobs",
    task_track_started=True,
    task_acks_late=ACKS_LATE,
    task_reject_on_worker_lost=REJECT_ON_LOST,
    worker_prefetch_multiplier=PREFETCH,
    result_expires=RESULT_EXPIRES_S,
    broker_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT_S},
    broker_connection_retry_on_startup=True,
)


@app.task(bind=True, name="steps")
def steps(task: Any, work: dict[str, Any]) -> dict[str, int]:
    """The work; retried by `Task.retry` where the order or the settings ask for it."""
    retries = work["retries"] or RETRIES
    try:
        return do(work)
    except Exception as error:
        if not retries:
            raise
        raise task.retry(exc=error, max_retries=retries, countdown=RETRY_PAUSE_S) from error


class CeleryBackend:
    """A queue called `jobs`, results in the same Redis."""

    has = frozenset({"cancel", "result", "workers", "delay", "retries", "priority"})

    def submit(self, order: Order, work: dict[str, Any]) -> str:
        """`Task.apply_async`."""
        options: dict[str, Any] = {}
        if order.delay_s:
            options["countdown"] = order.delay_s
        if order.priority is not None:
            options["priority"] = order.priority
        return str(steps.apply_async((work,), **options).id)

    def state(self, job_id: str) -> State:
        """`AsyncResult.state`."""
        return _STATES[app.AsyncResult(job_id).state]

    def result(self, job_id: str) -> Any:
        """`AsyncResult.result` of a success."""
        found = app.AsyncResult(job_id)
        return found.result if found.state == "SUCCESS" else None

    def cancel(self, job_id: str) -> bool:
        """`Control.revoke` with `terminate`: "Workers Guide > revoke: Revoking tasks"."""
        app.control.revoke(job_id, terminate=True)
        return True

    def workers(self) -> list[dict[str, str]]:
        """`Inspect.ping`."""
        answers = app.control.inspect(timeout=1.0).ping() or {}
        return [{"name": name} for name in sorted(answers)]


backend = CeleryBackend()
