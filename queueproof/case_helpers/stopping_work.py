"""Whether work stops in time: within a bound of this moment, as after a cancel, or of another one.

The bound is that of a cancel, an ordinary answer's time included, or for a job that nobody reads
that of the watchdog; a case that knows better gives its own. Moments are those of the history's
clock. See `work_stopped` for what proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.case_helpers.keepalive import kept_alive, uninvolved_worker
from queueproof.config.deadlines import reclaimed_within_s, stopped_within_s
from queueproof.targets.job import Job
from queueproof.targets.work import work_stopped
from queueproof.targets.worker import Worker


async def stops(
    job: Job, *, within_s: float | None = None, since_s: float | None = None, unread: bool = False
) -> bool:
    """Whether the job does nothing later than `within_s` after `since_s`, or after now.

    `unread` says that nobody reads it, on purpose: that is what should stop it.
    """
    by_s = _by_s(job, within_s=within_s, since_s=since_s, unread=unread)
    return await work_stopped(job, by_s=by_s, unread=unread)


async def stops_while_read(
    job: Job, *, asked: Worker, within_s: float | None = None, since_s: float | None = None
) -> bool:
    """The same of a job that a client keeps alive, on another worker than the owner and `asked`.

    So nobody can have reclaimed it for want of a client.
    """
    by_s = _by_s(job, within_s=within_s, since_s=since_s)
    async with kept_alive(job, via=uninvolved_worker(job, asked)):
        return await work_stopped(job, by_s=by_s)


async def still_working(
    jobs: Sequence[Job],
    *,
    within_s: float | None = None,
    since_s: float | None = None,
    unread: bool = False,
) -> list[Job]:
    """Those of several jobs that do not stop in time, as `stops` sees it."""
    ends = await asyncio.gather(
        *(stops(job, within_s=within_s, since_s=since_s, unread=unread) for job in jobs)
    )
    return [job for job, stopped in zip(jobs, ends, strict=True) if not stopped]


def _by_s(
    job: Job, *, within_s: float | None, since_s: float | None, unread: bool = False
) -> float:
    if within_s is None:
        within_s = (reclaimed_within_s if unread else stopped_within_s)(job.system.timings)
    return (job.system.history.now_s() if since_s is None else since_s) + within_s
