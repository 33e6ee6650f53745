"""A whole record, judged."""

from __future__ import annotations

from queueproof.exploring.model.causes import causes
from queueproof.exploring.model.findings import Judgement
from queueproof.exploring.model.polls import judge_polls
from queueproof.exploring.model.request_rules import judge_act, judge_ids
from queueproof.exploring.model.side_effects import judge_work
from queueproof.exploring.model.streams import judge_stream
from queueproof.exploring.record import JobSeen, Record
from queueproof.exploring.steps import Kind
from queueproof.targets.job import Ending, ending_of, is_over


def judge(record: Record) -> Judgement:
    """Everything that may not have been observed, in the order of the rules."""
    judgement = Judgement()
    judge_ids(record, judgement)
    for act in record.acts:
        judge_act(record, act, judgement)
    for stream in record.streams.values():
        judge_stream(record, stream, judgement)
    for job in record.jobs.values():
        judge_polls(record, job, judgement)
        judge_work(record, job, judgement)
        _agreement(record, job, judgement)
    return judgement


def _agreement(record: Record, job: JobSeen, judgement: Judgement) -> None:
    """All readers of a job are told the same end.

    An error told to a reader may be about its reading alone (its grace, its worker), so only
    completed and cancelled contradict each other.
    """
    told = _endings(record, job)
    cancelled = [at_s for ending, at_s in told if ending is Ending.CANCELLED]
    completed = [at_s for ending, at_s in told if ending is Ending.COMPLETED]
    if not told:
        return
    asked = [cause.from_s for cause in causes(record, job)]
    late = bool(completed and asked) and min(completed) < max(asked)
    judgement.expect(
        not (cancelled and completed),
        "CANC-007" if late else "LIFE-003",
        rule="one story",
        expected=f"every reader of job {job.number} is told the same end",
        actual=f"{len(completed)} were told that it completed, {len(cancelled)} that it was "
        "cancelled",
        job=job.number,
    )


def _endings(record: Record, job: JobSeen) -> list[tuple[Ending, float]]:
    told = [
        (ending_of(stream.events), stream.over_s)
        for stream in record.streams_of(job.number)
        if stream.over_s is not None
    ]
    told += [
        (ending_of(act.events), act.ended_s)
        for act in record.acts_of(job.number, Kind.POLL, Kind.GIVE_UP)
        if is_over(act.events)
    ]
    return [(ending, at_s) for ending, at_s in told if ending is not None and at_s is not None]
