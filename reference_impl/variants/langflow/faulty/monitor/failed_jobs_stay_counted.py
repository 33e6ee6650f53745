"""Jobs that failed are counted as active, and their bridges as running, until the worker goes.

``active -= 1`` stands at the end of the happy path.
"""

from __future__ import annotations

from reference_impl.core.events import Closing
from reference_impl.core.states import Signal
from reference_impl.langflow import desk as desks
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"MONI-005", "MONI-006"})
PLAYS = ("MONI-001",)

_failed: set[str] = set()


class NotedJob(Job):
    """Says when it fails."""

    def finish(self, closing: Closing) -> None:
        """End, and be remembered if that was a failure."""
        if closing.signal is Signal.FAIL:
            _failed.add(self.id)
        super().finish(closing)


class CountingDesk(BuildDesk):
    """Counts up."""

    @property
    def active_jobs(self) -> int:
        """Jobs under way, and those that failed."""
        return len(self.jobs.keys() | _failed)

    @property
    def bridge_count(self) -> int:
        """Their bridges."""
        return super().bridge_count + len(_failed - self.jobs.keys())


class VariantAssembly(Assembly):
    """Runs its builds there."""

    desk_class = CountingDesk


def install() -> None:
    """Every job is noted."""
    desks.Job = NotedJob  # type: ignore[attr-defined]  # where it is looked up
