"""The worker goes on to hold a job whose process was killed: it is never told to have ended.

Seen where a pool replaces the process, and nobody asks what it was doing.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.children import ParentWorker

SCENARIOS = {"CHAOS-224": frozenset({"OUTG-001"})}


def install() -> None:
    """Renew its lease for ever."""

    async def unmoved(self: ParentWorker, job_id: str, attempt: int) -> None:
        await asyncio.Event().wait()

    ParentWorker.lost = unmoved  # type: ignore[method-assign]
