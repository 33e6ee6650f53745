"""Server and workers count the jobs that are under way up and never down, and soon are too busy.

Both serve as ever; whoever asks their health takes them out.
"""

from __future__ import annotations

from bullmq.job import Job
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.http_system import SystemEndpoints
from reference_impl.flowise.job_runner import JobRunner
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.worker import Worker

FAILS = frozenset({"HEAL-001", "HEAL-002", "CONF-010"})
PLAYS = ("PRED-001",)

_submit, _run, _ping, _problem = (
    QueueService.submit,
    JobRunner.run,
    SystemEndpoints.ping,
    Worker.problem,
)
_under_way: list[str] = []


async def _submitted(self: QueueService, work: Work) -> Ticket:
    _under_way.append(work.id)
    return await _submit(self, work)


async def _begun(self: JobRunner, job: Job, token: str) -> None:
    _under_way.append(str(job.id))
    await _run(self, job, token)


async def _unless_busy(self: SystemEndpoints, request: Request) -> Response:
    if _under_way:
        return JSONResponse({"status": "unhealthy", "reason": "too busy"}, 503)
    return await _ping(self, request)


def _busy(self: Worker) -> str | None:
    return "too busy" if _under_way else _problem(self)


def install() -> None:
    """Count up."""
    QueueService.submit = _submitted  # type: ignore[method-assign]
    JobRunner.run = _begun  # type: ignore[method-assign]
    SystemEndpoints.ping = _unless_busy  # type: ignore[method-assign]
    Worker.problem = _busy  # type: ignore[method-assign]
