"""After a build that was cancelled in its start its worker begins no build any more.

The other workers go on: two thirds of all jobs are well, and the rest is accepted and never heard
of again. A lock of the process, taken without a ``finally``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

FAILS = frozenset({"CANC-022", "SUBM-009"})
PLAYS = ("CANC-004", "POLL-001", "STRM-001", "SUBM-001")
BEGINS_IN_S = 0.3


class TurnTaking(BuildRunner):
    """Begins one build at a time."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Wait for the lock, hold it while the build begins, give it back."""
        await self.turn.acquire()
        await asyncio.sleep(BEGINS_IN_S)
        self.turn.release()
        await super().run(job, graph)


class VariantAssembly(Assembly):
    """Runs builds in turn."""

    runner_class = TurnTaking
