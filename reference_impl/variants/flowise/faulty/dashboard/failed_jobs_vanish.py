"""A failed job is removed at once, so that nobody sees why it failed.

As the real Flowise does unless an age or a count is set.
"""

from __future__ import annotations

from bullmq.job import Job

from reference_impl.flowise.taker import Taker

FAILS = frozenset({"DASH-006"})
PLAYS = ("DASH-001",)

_begin = Taker._begin


def _remove_failed(self: Taker, job: Job) -> None:
    job.opts["removeOnFail"] = True
    _begin(self, job)


def install() -> None:
    """Keep no failed job."""
    Taker._begin = _remove_failed  # type: ignore[method-assign]
