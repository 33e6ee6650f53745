"""Two readers of one job are counted as one: the readers' wrappers are kept by the job's id.

The second replaces the first, and when it leaves there seems to be nobody.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.readers_count import ReadersCount
from reference_impl.store.base import Record

FAILS = frozenset({"MONI-007"})
PLAYS = ("MONI-007",)
_asked: contextvars.ContextVar[str] = contextvars.ContextVar("_asked", default="")


class ByJob(ReadersCount):
    """Keeps readers by job."""

    def __init__(self) -> None:
        super().__init__()
        self.by_job: dict[str, object] = {}

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count one job for as long as its last reader reads."""
        job_id, reader = _asked.get(), object()
        self.by_job[job_id] = reader
        self.now = len(self.by_job)
        try:
            yield
        finally:
            if self.by_job.get(job_id) is reader:
                del self.by_job[job_id]
            self.now = len(self.by_job)


class NotingEndpoints(BuildEndpoints):
    """Notes which job is asked for."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may read it."""
        record = await super().readable(request, user_id)
        _asked.set(record.job_id)
        return record


class VariantAssembly(Assembly):
    """Counts by it."""

    readers_class = ByJob
    build_endpoints_class = NotingEndpoints
