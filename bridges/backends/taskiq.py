"""taskiq with taskiq-redis. Workers: `taskiq worker bridges.backends.taskiq:broker`.

BROKER                     taskiq-redis, "README > Brokers": `list` (at most once), `stream` (acks)
IDLE_TIMEOUT_S             RedisStreamBroker, `idle_timeout`: 10 minutes by default
LOCK_TIMEOUT_S             RedisStreamBroker, `unacknowledged_lock_timeout`; 0: none
RETRIES                    "Available middlewares > Simple retry middleware"
RESULT_KEPT_S              taskiq-redis, "README > RedisAsyncResultBackend configuration"

No cancel: taskiq has none ("Introduction > Why not use existing libraries?"). Of a job it keeps its
result alone; until there is one the job counts as queued.
"""

from __future__ import annotations

from typing import Any

from taskiq import SimpleRetryMiddleware, TaskiqEvents
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend, RedisStreamBroker

from bridges import settings
from bridges.jobs import Order, State, Unsupported
from bridges.work import do_async

BROKER = settings.text("BROKER", "stream")
IDLE_TIMEOUT_S = settings.number("IDLE_TIMEOUT_S", 600.0)
LOCK_TIMEOUT_S = settings.number("LOCK_TIMEOUT_S", 0.0)
RETRIES = settings.whole("RETRIES", 0)
RESULT_KEPT_S = settings.whole("RESULT_KEPT_S", 3600)


def _broker() -> Any:
    if BROKER == "list":
        return ListQueueBroker(url=settings.QUEUE_URL)
    options: dict[str, Any] = {"idle_timeout": int(IDLE_TIMEOUT_S * 1000)}
    if LOCK_TIMEOUT_S:
        options["unacknowledged_lock_timeout"] = LOCK_TIMEOUT_S
    return RedisStreamBroker(url=settings.QUEUE_URL, **options)


_results: Any = RedisAsyncResultBackend(redis_url=settings.QUEUE_URL, result_ex_time=RESULT_KEPT_S)
broker: Any = (
    _broker().with_result_backend(_results).with_middlewares(SimpleRetryMiddleware(RETRIES + 1))
)


@broker.task(task_name="steps", retry_on_error=True)
async def steps(work: dict[str, Any]) -> dict[str, int]:
    """The work."""
    return await do_async(work)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def _started(state: Any) -> None:
    print("worker started", flush=True)


class TaskiqBackend:
    """One broker, results in the same Redis."""

    has = frozenset({"result", "retries"})

    def __init__(self) -> None:
        self._is_started = False

    async def submit(self, order: Order, work: dict[str, Any]) -> str:
        """`AsyncKicker.kiq`; `max_retries` counts every run of a task, the first too."""
        if not self._is_started:
            await broker.startup()
            self._is_started = True
        kicker = steps.kicker()
        if order.retries:
            kicker = kicker.with_labels(max_retries=order.retries + 1)
        return str((await kicker.kiq(work)).task_id)

    async def state(self, job_id: str) -> State:
        """Whether there is a result, and whether it is an error."""
        if not await _results.is_result_ready(job_id):
            return State.QUEUED
        found = await _results.get_result(job_id)
        return State.FAILED if found.is_err else State.FINISHED

    async def result(self, job_id: str) -> Any:
        """The return value."""
        if not await _results.is_result_ready(job_id):
            return None
        found = await _results.get_result(job_id)
        return None if found.is_err else found.return_value

    def cancel(self, job_id: str) -> bool:
        """None."""
        raise Unsupported("taskiq has no cancel")

    def workers(self) -> list[dict[str, str]]:
        """None."""
        raise Unsupported("taskiq does not tell its workers")


backend = TaskiqBackend()
