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
from queueproof.targets.job import Job

_READS = ("submit", "poll", "stream")
#: Of the shorter of both bounds: what is asked so late may be answered too late.
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
    until_s: float,
) -> Violation | Inconclusive:
    """The violation, or why it is nobody's: the strained run was away from one of its jobs.

    `operations` are the case's; `until_s` is when the case was over, by the history's clock.
    """
    if strain.calm or area in ON_PURPOSE:
        return seen
    for job in jobs:
        timings = job.system.timings
        bounds = [each for each in (timings.stale_threshold_s, timings.stream_ttl_s) if each > 0]
        away_s = longest_absence_s(job.id, operations, until_s=until_s)
        if bounds and away_s > _SHARE * min(bounds):
            return Inconclusive(
                f"{strain}, and nobody asked about job {job.id} for {away_s:.1f} s: what is not "
                f"read for {min(bounds):.1f} s may be reclaimed or forgotten; the case saw: {seen}"
            )
    return seen


def longest_absence_s(job_id: str, operations: Sequence[Operation], *, until_s: float) -> float:
    """The longest time between one reading of a job and the next, its submit included; in seconds.

    None at all for a job that was left alone on purpose.
    """
    of_job = [operation for operation in operations if operation.job == job_id]
    if any(operation.kind == LEFT_ALONE for operation in of_job):
        return 0.0
    reads = sorted(
        (
            (read.invoked_s, until_s if read.ended_s is None else read.ended_s)
            for read in of_job
            if read.kind in _READS
        ),
    )
    longest_s, present_s = 0.0, None
    for from_s, to_s in [*reads, (until_s, until_s)]:
        if present_s is not None:
            longest_s = max(longest_s, from_s - present_s)
        present_s = to_s if present_s is None else max(present_s, to_s)
    return longest_s
