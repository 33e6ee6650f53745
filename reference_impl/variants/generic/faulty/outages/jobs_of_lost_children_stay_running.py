"""A job whose process was killed is held on to: its end is never told, its slot never free.

Seen where a pool replaces the process, and nobody asks what it was doing.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.children import ParentWorker

SCENARIOS = {"CHAOS-224": frozenset({"OUTG-001", "OUTG-013"})}


def install() -> None:
    """Renew its lease for ever."""

    async def unmoved(self: ParentWorker, job_id: str, attempt: int) -> None:
        await asyncio.Event().wait()

    ParentWorker.lost = unmoved  # type: ignore[method-assign]
