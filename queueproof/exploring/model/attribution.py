"""Which promise was broken when a job was ended though nothing allowed it."""

from __future__ import annotations

from queueproof.config.deadlines import kept_for_s
from queueproof.exploring.record import JobSeen, Record, StreamEnd
from queueproof.exploring.steps import Kind


def likeliest_cause(record: Record, job: JobSeen, told_s: float) -> str:
    """The likeliest culprit among what happened until then."""
    intrusions = [a for a in record.acts_of(job.number, Kind.INTRUDE) if a.asked_s <= told_s]
    others = [s for s in record.streams.values() if s.job != job.number]
    dropped = [s for s in others if s.end is StreamEnd.DROPPED and s.until_s(record) <= told_s]
    ended = [
        a
        for a in record.acts
        if a.kind is Kind.CANCEL and a.job != job.number and a.asked_s <= told_s
    ]
    flushed = record.flushed_s is not None and record.flushed_s <= told_s
    streams = [s for s in record.streams_of(job.number) if s.asked_s <= told_s]
    polls = [a for a in record.acts_of(job.number, Kind.POLL) if a.asked_s <= told_s]
    long = told_s - job.asked_s > kept_for_s(record.timings)
    rules = (
        (any(act.what == "cancel" for act in intrusions), "CANC-009"),
        (any(act.what == "stream" for act in intrusions), "ACCS-009"),
        (flushed, "DBIX-002"),
        (bool(ended or dropped), "CANC-016"),
        (long and bool(streams), "WDOG-006"),
        (long and job.probe.quiet_after is not None and bool(polls), "WDOG-005"),
        (long and bool(polls), "WDOG-004"),
    )
    return next((name for holds, name in rules if holds), "WDOG-002")
