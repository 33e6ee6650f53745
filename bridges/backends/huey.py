"""huey (huey.readthedocs.io) on Redis. Workers: `huey_consumer bridges.backends.huey.huey`.

RETRIES, RETRY_PAUSE_S   "Guide > Retrying tasks that fail"

Revoking keeps a task that waits from being run; one that runs goes on ("Guide > Canceling or
pausing tasks"). Of a job huey keeps its result alone; until there is one the job counts as queued.
"""

from __future__ import annotations

from typing import Any

from huey import RedisHuey
from huey.exceptions import TaskException

from bridges import settings
from bridges.jobs import Order, State, Unsupported
from bridges.work import do

RETRIES = settings.whole("RETRIES", 0)
RETRY_PAUSE_S = settings.whole("RETRY_PAUSE_S", 1)

huey = RedisHuey("jobs", url=settings.QUEUE_URL)


@huey.on_startup()
def _started() -> None:
    print("worker started", flush=True)


@huey.task(name="steps", retry_delay=RETRY_PAUSE_S)
def steps(work: dict[str, Any]) -> dict[str, int]:
    """The work."""
    return do(work)


class HueyBackend:
    """A queue called `jobs`, results in the same Redis."""

    has = frozenset({"cancel", "result", "delay", "retries", "priority"})

    def submit(self, order: Order, work: dict[str, Any]) -> str:
        """`TaskWrapper.schedule`, or `huey.enqueue` of a task at once."""
        retries = order.retries or RETRIES
        options: dict[str, Any] = {"retries": retries}
        if order.priority is not None:
            options["priority"] = order.priority
        if order.delay_s:
            options["delay"] = order.delay_s
        return str(huey.enqueue(steps.s(work, **options)).id)

    def state(self, job_id: str) -> State:
        """What `Huey.result` says, and whether the task was revoked before it ran."""
        try:
            if huey.result(job_id, preserve=True) is not None:
                return State.FINISHED
        except TaskException as error:
            # "Guide > Reading error results": what failed may have retries left.
            return State.QUEUED if error.metadata.get("retries") else State.FAILED
        return State.CANCELLED if huey.is_revoked(job_id) else State.QUEUED

    def result(self, job_id: str) -> Any:
        """`Huey.result`."""
        try:
            return huey.result(job_id, preserve=True)
        except TaskException:
            return None

    def cancel(self, job_id: str) -> bool:
        """`Huey.revoke_by_id`, which takes every id."""
        huey.revoke_by_id(job_id)
        return True

    def workers(self) -> list[dict[str, str]]:
        """None."""
        raise Unsupported("huey does not tell its workers")


backend = HueyBackend()
