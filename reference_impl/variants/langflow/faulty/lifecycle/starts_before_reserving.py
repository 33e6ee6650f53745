"""A submit starts its component before Redis has taken the job (Langflow 1.13, five of six tries).

The client gets 503 and tries again, and the work is done twice.
"""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Reservation

FAILS = frozenset({"LIFE-008"})
PLAYS = ("LIFE-005", "LIFE-006", "LIFE-007", "LIFE-008", "POLL-001", "STRM-001")


class EagerDesk(BuildDesk):
    """Starts the component first; its events wait for the reservation."""

    async def submit(self, *, user_id: str, graph: Mapping[str, Any]) -> Job:
        """Start, reserve, then carry events."""
        assert self._bridge is not None
        fence = secrets.token_hex(8)
        reservation = Reservation(str(uuid.uuid4()), user_id, self.worker_id, fence)
        job = Job(reservation, started_s=0.0)
        self.reserving.add(job.id)
        self.begin(job, graph)
        try:
            job.started_s = await self.store.reserve(reservation)
            job.owned_since = time.monotonic()
        finally:
            self.reserving.discard(job.id)
        self.jobs[job.id] = job
        job.bridge = asyncio.create_task(self._bridge.run(job))
        job.bridge.add_done_callback(lambda _task: self._over(job))
        return job


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = EagerDesk
