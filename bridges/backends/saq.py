"""SAQ (saq-py.readthedocs.io) on Redis. Workers: `saq bridges.backends.saq.settings`.

TIMEOUT_S, HEARTBEAT_S, RETRIES   "Tasks > Controlling Job Execution" (SAQ's own timeout is 10 s)
RESULT_TTL_S                      "API Reference > Job": ttl
CONCURRENCY                       "API Reference > Worker": concurrency
SWEEP_S, ABORT_S                  "API Reference > Worker": timers
"""

from __future__ import annotations

import math
import time
from typing import Any

from saq import Queue, Status

from bridges import settings as chosen
from bridges.jobs import Order, State, Unsupported
from bridges.work import do_async

TIMEOUT_S = chosen.whole("TIMEOUT_S", 60)
HEARTBEAT_S = chosen.whole("HEARTBEAT_S", 0)
RETRIES = chosen.whole("RETRIES", 1)
RESULT_TTL_S = chosen.whole("RESULT_TTL_S", 600)
CONCURRENCY = chosen.whole("CONCURRENCY", 10)
SWEEP_S = chosen.whole("SWEEP_S", 60)
ABORT_S = chosen.whole("ABORT_S", 1)

_STATES = {
    "new": State.QUEUED,
    "deferred": State.QUEUED,
    "queued": State.QUEUED,
    "active": State.RUNNING,
    "aborting": State.RUNNING,
    "aborted": State.CANCELLED,
    "failed": State.FAILED,
    "complete": State.FINISHED,
}

queue = Queue.from_url(chosen.QUEUE_URL)


async def steps(context: dict[str, Any], *, work: dict[str, Any]) -> dict[str, int]:
    """The work."""
    return await do_async(work)


async def _started(context: dict[str, Any]) -> None:
    print("worker started", flush=True)


settings = {
    "queue": queue,
    "functions": [steps],
    "concurrency": CONCURRENCY,
    "timers": {"sweep": SWEEP_S, "abort": ABORT_S},
    "startup": _started,
}


class SaqBackend:
    """SAQ's default queue."""

    has = frozenset({"cancel", "result", "workers", "delay", "retries"})

    async def submit(self, order: Order, work: dict[str, Any]) -> str:
        """`Queue.enqueue`; `retries` counts every run of a job, the first too."""
        job = await queue.enqueue(
            "steps",
            work=work,
            timeout=TIMEOUT_S,
            heartbeat=HEARTBEAT_S,
            retries=order.retries + 1 if order.retries else RETRIES,
            ttl=RESULT_TTL_S,
            scheduled=math.ceil(time.time() + order.delay_s) if order.delay_s else 0,
        )
        return str(job.key)

    async def state(self, job_id: str) -> State:
        """`Job.status`."""
        job = await queue.job(job_id)
        return State.UNKNOWN if job is None else _STATES[Status(job.status).value]

    async def result(self, job_id: str) -> Any:
        """`Job.result`."""
        job = await queue.job(job_id)
        return None if job is None else job.result

    async def cancel(self, job_id: str) -> bool:
        """`Job.abort`."""
        job = await queue.job(job_id)
        if job is None:
            return False
        await job.abort("cancelled by a client")
        return True

    async def workers(self) -> list[dict[str, str]]:
        """`Queue.info`."""
        found = (await queue.info()).get("workers")
        if not isinstance(found, dict):
            raise Unsupported("this version of SAQ does not tell its workers")
        return [{"name": name} for name in sorted(found)]


backend = SaqBackend()
