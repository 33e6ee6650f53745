"""Jobs that are run again since they failed: how long that may take."""

from __future__ import annotations

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.probe import Probe
from queueproof.targets.job import Job
from queueproof.targets.outcomes import runs_of
from queueproof.targets.system import System
from queueproof.waiting import eventually

_LONGEST_PAUSE_S = 5.0


def longer_than_lost_s(target: System, *, times: float, at_most_s: float) -> float:
    """How long a job takes that takes so many times as long as lost ones are waited for.

    Raises NotAssessed where that is more than `at_most_s`, or more than a job may take there.
    """
    promises = target.promises
    job_s = promises.redelivery_s * times if promises else 0.0
    if job_s > at_most_s:
        raise NotAssessed(f"a job of {job_s:g} s is longer than is waited for")
    if promises and (reason := promises.too_long(job_s)):
        raise NotAssessed(reason)
    return job_s


def require_soon_retries(target: System) -> None:
    """Raise NotAssessed where a second run is not promised soon."""
    if (pause_s := retry_pause_s(target)) > _LONGEST_PAUSE_S:
        raise NotAssessed(f"{pause_s:g} s between two runs are longer than is waited for")


def retry_pause_s(target: System) -> float:
    """The declared pause between two runs."""
    return target.promises.retry_pause_s if target.promises else 0.0


def two_runs_within_s(target: System, probe: Probe) -> float:
    """How long a job may take that is run twice: a pause may well be longer than is promised."""
    return 2 * target.within(probe) + 3 * retry_pause_s(target) + target.timings.recovery_s


async def require_second_run(job: Job) -> None:
    """Return once the witness sees the job's second run; raise Inconclusive where none begins."""

    async def runs() -> int:
        return runs_of(job)

    within_s = job.system.within(Probe(ticks=1)) + 3 * retry_pause_s(job.system)
    _, begun = await eventually(
        runs, lambda number: number > 1, within_s=within_s + job.system.timings.recovery_s
    )
    if not begun:
        raise Inconclusive(f"the job was not run again: it was begun {runs_of(job)} times")
