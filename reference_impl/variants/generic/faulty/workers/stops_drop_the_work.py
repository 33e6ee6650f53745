"""A worker that is told to stop ends at once; what it ran is begun again.

Seen where a container's stop signal reaches a process that does not handle it.
"""

from __future__ import annotations

from reference_impl.generic.worker import Worker

FAILS = frozenset({"WORK-009"})
PLAYS = ("WORK-006", "WORK-007")
SCENARIOS = {"CHAOS-202": frozenset({"OUTG-008"})}


def install() -> None:
    """Do not wait for what runs: its leases end, and others run it again."""

    async def at_once(self: Worker) -> None:
        for task in self.running:
            task.cancel()

    Worker.drain = at_once  # type: ignore[method-assign]
