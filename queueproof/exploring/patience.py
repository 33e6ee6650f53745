"""How long it is worth waiting while a schedule is played: pure functions over its record."""

from __future__ import annotations

from queueproof.config.deadlines import stopped_within_s
from queueproof.exploring.record import JobSeen, Record, StreamEnd
from queueproof.exploring.steps import Kind

_STILL_S = 1.0
_STILL_TICKS = 8


def overdue(record: Record, number: int, since_s: float, *, now_s: float, within_s: float) -> bool:
    """Whether readers who wait since `since_s` have waited beyond every bound for a job's end.

    `within_s` bounds all that the job does when nothing disturbs it. However late a reader came,
    it waits as long as a held poll and its answer may take.
    """
    seen, timings = record.jobs[number], record.timings
    limit_s = seen.answered_s + within_s
    for trouble in record.disturbances:
        limit_s = max(limit_s, trouble.from_s + timings.owner_death_s + timings.answer_s)
    ends = [act.ended_s + stop_s(record) for act in record.acts_of(number, Kind.CANCEL)]
    if seen.done_s is not None:
        ends.append(seen.done_s + timings.answer_s)
    patient_until_s = since_s + timings.answer_s + timings.poll_hold_s
    return now_s > max(min([limit_s, *ends]), patient_until_s)


def settled(record: Record, job: JobSeen, *, now_s: float) -> bool:
    """Whether a job that had to stop is silent by now, or has worked beyond its bound.

    A job that need not stop is settled at any time.
    """
    reasons = [act.ended_s for act in record.acts_of(job.number, Kind.CANCEL) if act.accepted]
    reasons += [
        stream.closed_s
        for stream in record.streams_of(job.number)
        if stream.end is StreamEnd.DROPPED and stream.closed_s is not None
    ]
    if not reasons or not record.witnessed or job.done_s is not None:
        return True
    last_s = job.last_s or 0.0
    silent_s = now_s - max(last_s, *reasons)
    return silent_s > _still_s(job) or last_s > max(reasons) + stop_s(record)


def _still_s(job: JobSeen) -> float:
    """For how long a job is silent before it counts as stopped."""
    still_s = max(_STILL_S, _STILL_TICKS * job.probe.interval_s)
    quiet = job.probe.quiet_after is not None
    return max(still_s, job.probe.quiet_s + _STILL_S) if quiet else still_s


def stop_s(record: Record) -> float:
    """How long after its answer a cancel may take to stop the work, generously."""
    return stopped_within_s(record.timings)
