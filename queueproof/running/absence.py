"""Whether the run itself was away from a case's jobs for longer than their target allows.

A target may reclaim a job that nobody reads for the stale threshold, and forget an ended one after
its time to live. A harness that is starved comes late to both, and sees what follows: a job
cancelled by nobody, a stream that is gone. That is its own doing. On a calm machine a case waits
because it means to; so absence excuses a target only where the run was strained.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from queueproof.errors import Inconclusive, Violation
from queueproof.history import LEFT_ALONE, Operation
from queueproof.running.strain import Strain
from queueproof.targets.attendance import absence_of
from queueproof.targets.job import Job

#: Of a bound: what is asked for so late may be answered too late.
_SHARE = 0.7
#: Areas whose cases stay away on purpose.
ON_PURPOSE = ("ttl", "retention")


def excused(
    seen: Violation,
    jobs: Iterable[Job],
    operations: Sequence[Operation],
    *,
    area: str,
    strain: Strain,
) -> Violation | Inconclusive:
    """The violation, or why it is nobody's: the strained run was away from one of its jobs.

    `operations` are the case's.
    """
    if strain.calm or area in ON_PURPOSE:
        return seen
    for job in jobs:
        if away := _away(job, operations):
            return Inconclusive(f"{strain}, and {away}; the case saw: {seen}")
    return seen


def _away(job: Job, operations: Sequence[Operation]) -> str:
    """For how long nobody read the job, where that is much of what it is kept for; else empty."""
    if any(one.job == job.id and one.kind == LEFT_ALONE for one in operations):
        return ""
    timings, absence = job.system.timings, absence_of(operations, job.id)
    for away_s, bound_s in (
        (absence.running_s, timings.stale_threshold_s),
        (absence.running_s, timings.stream_ttl_s),
        (absence.ended_s, timings.stream_ttl_s),
    ):
        if 0 < _SHARE * bound_s < away_s:
            return (
                f"nobody read job {job.id} for {away_s:.1f} s, which its target may give up after "
                f"{bound_s:.1f} s"
            )
    return ""
