"""One stream: every tick once and in order, a truthful marked end, nothing after it."""

from __future__ import annotations

from queueproof.checkers.delivery import check_delivery
from queueproof.exploring.model.attribution import likeliest_cause
from queueproof.exploring.model.causes import (
    MARGIN_S,
    Why,
    allowed,
    causes,
    left_s,
    may_be_gone,
    planned,
)
from queueproof.exploring.model.findings import Judgement
from queueproof.exploring.record import JobSeen, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.targets.job import Ending, ending_of

_OVER = (EventKind.END, EventKind.CANCELLED)

#: What told of a tick since then, in seconds, was not hanging when it was given up.
_LATELY_S = 1.0


def judge_stream(record: Record, stream: StreamSeen, judgement: Judgement) -> None:
    """Hold one stream to the rules."""
    job = record.jobs.get(stream.job)
    if job is None or record.disturbed(stream.via, stream.asked_s, stream.until_s(record)):
        return
    if _outlasted_by_grace(record, job, stream):
        return
    _sequence(record, job, stream, judgement)
    _nothing_after(job, stream, judgement)
    _promptness(record, job, stream, judgement)
    if stream.end in (StreamEnd.REFUSED, StreamEnd.UNANSWERED):
        _access(record, job, stream, judgement)
    elif stream.end in (StreamEnd.ENDED, StreamEnd.BROKEN):
        _ending(record, job, stream, judgement)
    elif stream.overdue and stream.over_s is None and not _told_lately(record, stream):
        _overdue(record, job, stream, judgement)


def stream_id(record: Record, job: JobSeen, stream: StreamSeen) -> str:
    """The requirement that a stream's deliveries amount to, by the company it had."""
    until_s = stream.until_s(record)
    company = [
        other
        for other in record.streams_of(job.number)
        if other is not stream
        and other.asked_s <= until_s
        and other.until_s(record) >= stream.asked_s
    ]
    polls = record.acts_of(job.number, Kind.POLL, Kind.GIVE_UP)
    first_s = job.sighted_s(0)
    rules = (
        (job.done_s is not None and job.done_s < stream.asked_s - MARGIN_S, "STRM-009"),
        (any(other.via == stream.via for other in company), "STRM-004"),
        (bool(company), "STRM-003"),
        (any(stream.asked_s <= act.ended_s <= until_s for act in polls), "POLL-012"),
        (first_s is not None and first_s < stream.asked_s - MARGIN_S, "STRM-008"),
        (job.probe.interval_s == 0, "STRM-013"),
        (job.probe.slow_start_s > 0 and stream.via != job.owner, "GRACE-001"),
        (stream.via == job.owner, "STRM-002"),
    )
    return next((name for holds, name in rules if holds), "STRM-001")


def _sequence(record: Record, job: JobSeen, stream: StreamSeen, judgement: Judgement) -> None:
    ticks = stream.ticks
    emitted = [tick for tick in job.probe.expected_ticks if tick <= max(ticks, default=-1)]
    findings = check_delivery(emitted, ticks)
    judgement.expect(
        findings.clean,
        stream_id(record, job, stream),
        rule="a stream's order",
        expected="the job's ticks from 0 on, once each, in order",
        actual=f"{_name(job, stream)}: {findings.words}",
        job=job.number,
    )


def _nothing_after(job: JobSeen, stream: StreamSeen, judgement: Judgement) -> None:
    kinds = [event.kind for event in stream.events]
    at = next((i for i, kind in enumerate(kinds) if kind in _OVER), None)
    if at is None:
        return
    after = ", ".join(kind.value for kind in kinds[at + 1 :])
    judgement.expect(
        not after,
        "STRM-015",
        rule="after the end",
        expected=f"nothing after the terminal event of stream {stream.number}",
        actual=f"{kinds[at].value} was followed by {after}",
        job=job.number,
    )


def _promptness(record: Record, job: JobSeen, stream: StreamSeen, judgement: Judgement) -> None:
    """Once a stream is open, a tick reaches it within the time of an answer."""
    if stream.answered_s is None or not record.witnessed:
        return
    worst_s = 0.0
    for event in stream.events:
        done_s = job.sighted_s(event.tick) if event.tick is not None else None
        if done_s is not None:
            worst_s = max(worst_s, event.at_s - max(done_s, stream.answered_s))
    bound_s = record.timings.answer_s
    judgement.expect(
        worst_s <= bound_s,
        "STRM-011",
        rule="promptness",
        expected=f"every tick within {bound_s:.1f} s of its being done",
        actual=f"one came {worst_s:.1f} s after it through stream {stream.number}",
        job=job.number,
    )


def _access(record: Record, job: JobSeen, stream: StreamSeen, judgement: Judgement) -> None:
    if may_be_gone(record, job, stream.asked_s):
        return
    judgement.expect(
        False,
        stream_id(record, job, stream),
        rule="a stream's answer",
        expected=f"job {job.number} can be streamed via {stream.via}",
        actual=f"{stream.end.value}: {stream.detail}",
        job=job.number,
    )


def _ending(record: Record, job: JobSeen, stream: StreamSeen, judgement: Judgement) -> None:
    told = ending_of(stream.events)
    told_s = stream.over_s or stream.until_s(record)
    may = allowed(record, job, told_s=told_s)
    if told is None:
        if may_be_gone(record, job, stream.asked_s):
            return
        judgement.expect(
            False,
            _unmarked_id(record, job, stream, told_s),
            rule="a stream's end",
            expected="the stream says how the job ended",
            actual=f"{_name(job, stream)} {stream.end.value} without saying how, "
            f"after {len(stream.ticks)} of {len(job.probe.expected_ticks)} ticks",
            job=job.number,
        )
        return
    whole = told is not Ending.COMPLETED or len(stream.ticks) >= job.probe.ticks
    name = {Ending.FAILED: "STRM-006"}.get(planned(job), "STRM-005")
    if told not in may and Ending.COMPLETED in may:
        name = likeliest_cause(record, job, told_s)
    elif told in may and not whole:
        name = stream_id(record, job, stream)
    elif told is Ending.CANCELLED:
        name = "STRM-007"
    judgement.expect(
        told in may and whole,
        name,
        rule="a stream's story",
        expected=f"job {job.number} {_or(may)}, with the ticks that go with it",
        actual=f"{_name(job, stream)} tells: {told.value}, "
        f"after {len(stream.ticks)} of {len(job.probe.expected_ticks)} ticks",
        job=job.number,
    )


def _told_lately(record: Record, stream: StreamSeen) -> bool:
    """Whether it told of a tick just before it was given up: a slow job is no stream that hangs."""
    last_s = max((event.at_s for event in stream.events if event.tick is not None), default=0.0)
    return record.until_s - last_s < _LATELY_S


def _overdue(record: Record, job: JobSeen, stream: StreamSeen, judgement: Judgement) -> None:
    judgement.expect(
        False,
        _unmarked_id(record, job, stream, record.until_s),
        rule="a stream's end",
        expected=f"stream {stream.number} of job {job.number} comes to an end",
        actual=f"it was still open {record.until_s - stream.asked_s:.1f} s after it was asked for, "
        f"with {len(stream.ticks)} of {len(job.probe.expected_ticks)} ticks",
        job=job.number,
    )


def _unmarked_id(record: Record, job: JobSeen, stream: StreamSeen, told_s: float) -> str:
    """What it lacks. Its own end, and others that were cut off, are no sign of a cancel."""
    no_signs = [
        (Why.DROP, left_s(other))
        for other in record.streams_of(job.number)
        if other is stream or other.end is StreamEnd.BROKEN
    ]
    before = [cause for cause in causes(record, job) if cause.from_s <= told_s]
    why = {cause.why for cause in before if (cause.why, cause.from_s) not in no_signs}
    short = len(stream.ticks) < len(job.probe.expected_ticks)
    rules = (
        (Why.OUT_OF_ORDER in why, "LIFE-001"),
        (bool(why & {Why.CANCEL, Why.DROP}), "CANC-005" if stream.overdue else "STRM-007"),
        (Why.SILENCE in why, "WDOG-008"),
        (short and job.probe.quiet_after is not None, "STRM-014"),
        (short, stream_id(record, job, stream)),
        (planned(job) is Ending.FAILED, "STRM-006"),
    )
    return next((name for holds, name in rules if holds), "STRM-005")


def _outlasted_by_grace(record: Record, job: JobSeen, stream: StreamSeen) -> bool:
    """Whether the reader was ended by its startup grace, as it may be while a job is slow."""
    if stream.ticks or stream.closed_s is None:
        return False
    bound_s = stream.asked_s + 0.95 * record.timings.startup_grace_s
    first_s = job.sighted_s(0)
    return stream.closed_s >= bound_s and (first_s is None or first_s >= bound_s - 1.0)


def _or(endings: set[Ending]) -> str:
    return " or ".join(sorted(ending.value for ending in endings))


def _name(job: JobSeen, stream: StreamSeen) -> str:
    return f"stream {stream.number} via {stream.via} (owner {job.owner})"
