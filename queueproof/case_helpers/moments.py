"""Letting time pass in a case: until a moment of the history's clock, or for a while."""

from __future__ import annotations

from collections.abc import Iterable

from queueproof.checkers.overlap import most_at_once
from queueproof.errors import Inconclusive, NotAssessed
from queueproof.history import current_case
from queueproof.targets.asking import is_paced
from queueproof.targets.job import Delivery, Job
from queueproof.targets.system import System
from queueproof.waiting import eventually, throughout


async def wait_until(target: System, moment_s: float) -> None:
    """Return at a moment of the history's clock; at once when it is over."""

    async def now_s() -> float:
        return target.history.now_s()

    within_s = max(0.0, moment_s - target.history.now_s())
    await eventually(now_s, lambda now: now >= moment_s, within_s=within_s)


async def pass_time(target: System, for_s: float) -> None:
    """Return after so many seconds of the history's clock."""

    async def now_s() -> float:
        return target.history.now_s()

    until_s = target.history.now_s() + for_s
    await throughout(now_s, lambda now: now < until_s, for_s=for_s + 1.0)


def require_under_way(*jobs: Job, at_s: float, what: str) -> None:
    """Raises Inconclusive where one of the jobs may have been over before `what` were, at `at_s`.

    What is to leave a running job alone shows nothing beside one that has ended. To be asked when
    the jobs are over: the witness tells which of them began late.
    """
    for job in jobs:
        last_s = max((seen.at_s for seen in job.sightings), default=0.0)
        late_s = at_s - max(job.submitted_s + job.probe.duration_s, last_s)
        if late_s >= 0.0:
            raise Inconclusive(
                f"{what} came so late that a job beside may have been over, {late_s:.1f} s after "
                "its end: what runs no more cannot be harmed"
            )


def all_under_way(jobs: Iterable[Job], at_s: float) -> bool:
    """Whether none of the jobs can have been over at `at_s`, however soon each of them began."""
    return all(at_s < job.submitted_s + job.probe.duration_s for job in jobs)


def most_under_way(target: System, *jobs: Job, kind: str) -> int:
    """How many operations of this kind on the jobs, of this case, were under way in one instant."""
    ours = {job.id for job in jobs}
    return most_at_once(
        (one.invoked_s, one.ended_s)
        for one in target.history.of_case(current_case.get())
        if one.kind == kind and one.job in ours and one.ended_s is not None
    )


def require_crowd(target: System, most: int, wanted: int, *, what: str) -> None:
    """Asks that `wanted` clients met at one time; `most` did.

    Raises NotAssessed where requests are spaced by the target file, else Inconclusive.
    """
    if most >= wanted:
        return
    if any(is_paced(url) for url in target.fleet.addresses.urls):
        raise NotAssessed(
            f"requests are spaced, as the target file says: {most} {what} at the same time"
        )
    raise Inconclusive(
        f"no more than {most} {what} at the same time: this machine is busy, or something in front "
        "lets few in at once"
    )


def require_kept(*read: Delivery) -> None:
    """Raises Inconclusive where a read ended so late that its job may not have been kept any more.

    A finished job is kept for its time to live; it may have ended as soon as its probe allows.
    """
    for one in read:
        over_s = one.job.submitted_s + one.job.probe.duration_s
        if one.ended_s - over_s > one.job.system.timings.stream_ttl_s / 2:
            raise Inconclusive("a reader was served when the job's time to live may have been over")
