"""The health check says well as long as the process answers, whatever becomes of the queue.

Seen where one path serves both as a liveness and as a readiness probe.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

SCENARIOS = {"CHAOS-221": frozenset({"OUTG-010"})}


def install() -> None:
    """Look at nothing."""

    async def content(self: JobStore) -> None:
        return None

    JobStore.say_well = content  # type: ignore[method-assign]
