"""How long a job was left without a client, by the history of the case that reads it.

A target may reclaim a running job that no client asks for, after the declared threshold, and
forgets what has ended after its time to live. A harness that comes later than that on a busy
machine has itself to blame for what it does not find.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from queueproof.errors import Inconclusive
from queueproof.history import Operation, current_case
from queueproof.targets.job import Delivery, Ending, Job, is_over

_READING = ("poll", "stream")


@dataclass(frozen=True)
class Absence:
    """How long, in seconds, no client read a job.

    running_s  the longest time until a reader was told the end, from when it was submitted
    ended_s    from when its end was told first until it was asked for last
    """

    running_s: float = 0.0
    ended_s: float = 0.0


def absence_of(operations: Iterable[Operation], job_id: str) -> Absence:
    """What the operations tell of a job; what is still open has no absence behind it."""
    told = [one for one in operations if one.job == job_id and one.kind in ("submit", *_READING)]
    told.sort(key=lambda one: one.invoked_s)
    # A submit is a sign of life when it was asked for: its answer may have been slow to come.
    last_s = told[0].invoked_s if told else 0.0
    running_s, ended_s, over_s = 0.0, 0.0, math.inf
    for operation in (one for one in told if one.kind in _READING):
        if operation.invoked_s > over_s:
            ended_s = operation.invoked_s - over_s
            continue
        running_s = max(running_s, operation.invoked_s - last_s)
        last_s = max(last_s, math.inf if operation.ended_s is None else operation.ended_s)
        if is_over(operation.events):
            over_s = min(over_s, last_s)
    return Absence(running_s, ended_s)


def unread_at(operations: Iterable[Operation], job_id: str, at_s: float) -> float:
    """For how many seconds nobody had cared for a job then: no submit, no poll, no open stream."""
    signs = [
        at_s if one.ended_s is None else min(one.ended_s, at_s)
        for one in operations
        if one.job == job_id and one.kind in ("submit", *_READING) and one.invoked_s <= at_s
    ]
    return at_s - max(signs, default=at_s)


def require_attended(job: Job) -> None:
    """Raise Inconclusive where the job was left alone for so long that it may rightly be gone."""
    timings = job.system.timings
    absence = absence_of(job.system.history.of_case(current_case.get()), job.id)
    _require_less("read the job", absence.running_s, timings.stale_threshold_s)
    _require_less("read the job", absence.running_s, timings.stream_ttl_s)
    _require_less("read what had ended", absence.ended_s, timings.stream_ttl_s)


def require_running(job: Job) -> None:
    """Raise Inconclusive where a job that somebody looks at may rightly be over by now.

    By its own length, or since no client has read it for as long as a target has to wait for one.
    """
    now_s, threshold_s = job.system.history.now_s(), job.system.timings.stale_threshold_s
    unread_s = unread_at(job.system.history.of_case(current_case.get()), job.id, now_s)
    _require_less("read the running job", unread_s, threshold_s)
    if now_s - job.submitted_s >= job.probe.duration_s:
        raise Inconclusive(
            f"it was looked {now_s - job.submitted_s:.1f} s after the submit of a job of "
            f"{job.probe.duration_s:.1f} s: the harness was too late"
        )


def require_kept(delivery: Delivery) -> None:
    """Raise Inconclusive where a job's time to live ended before a diligent reader was through.

    One that still got ticks when it was refused, more than that time after the job's own end: pages
    are small, or the harness is slow. Where nothing had come for a while, the target kept it back.
    """
    job, timings = delivery.job, delivery.job.system.timings
    kept_until_s = job.submitted_s + job.probe.duration_s + timings.stream_ttl_s
    last_s = max((event.at_s for event in delivery.events if event.tick is not None), default=0.0)
    still_came = delivery.ended_s - last_s < timings.answer_s
    if delivery.ending is Ending.REFUSED and delivery.ended_s >= kept_until_s and still_came:
        raise Inconclusive(
            f"events still came {delivery.ended_s - job.submitted_s:.1f} s after the job's "
            f"submit, and what has ended is kept for {timings.stream_ttl_s:.0f} s"
        )


def _require_less(what: str, absent_s: float, bound_s: float) -> None:
    """Raise Inconclusive when the absence reached a bound; 0 is none."""
    if 0 < bound_s <= absent_s:
        raise Inconclusive(
            f"no client came to {what} for {absent_s:.1f} s, and the target may give it up after "
            f"{bound_s:.1f} s: the harness was too late"
        )
