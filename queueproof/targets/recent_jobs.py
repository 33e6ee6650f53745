"""What an adapter remembers of jobs: of the last ones, so that a run of days needs no more memory.

A job is forgotten when so many others came after it that nobody asks for it again.
"""

from __future__ import annotations

from typing import TypeVar

V = TypeVar("V")

#: No run has so many jobs under way at the same time.
MOST_JOBS = 10_000


class RecentJobs(dict[str, V]):
    """A value a job, by its id; what was set last is kept longest."""

    def __setitem__(self, job_id: str, value: V) -> None:
        """Remember it, and forget the one that was set longest ago where there are too many."""
        self.pop(job_id, None)
        super().__setitem__(job_id, value)
        if len(self) > MOST_JOBS:
            del self[next(iter(self))]
