"""A Redis that takes no write is answered with 500, and the component runs on unseen.

Langflow 1.13, Redis out of memory or read-only: 500 with Redis's own words; the component had
started before anything was written, and runs to its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis.exceptions import ResponseError

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Reservation, StoreUnavailable

SCENARIOS = {"CHAOS-033": frozenset({"LIFE-008"})}


class Unprepared(BuildDesk):
    """Knows that Redis can be away, not that it can refuse."""

    async def submit(self, *, user_id: str, graph: Mapping[str, Any]) -> Job:
        """Start; what Redis refuses was not foreseen."""
        try:
            return await super().submit(user_id=user_id, graph=graph)
        except StoreUnavailable as error:
            if not isinstance(error.__cause__, ResponseError):
                raise
            job = Job(Reservation(self.new_id(), user_id, self.worker_id, ""), started_s=0.0)
            self.begin(job, graph)
            raise RuntimeError(str(error)) from error


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = Unprepared
