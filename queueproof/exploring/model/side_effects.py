"""What jobs did, as the witness saw it: once each, and no more once they had to stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from queueproof.config.deadlines import reclaimed_within_s, stopped_within_s
from queueproof.exploring.model.causes import MARGIN_S, signs_of_life
from queueproof.exploring.model.findings import Judgement
from queueproof.exploring.record import JobSeen, Record, StreamEnd
from queueproof.exploring.steps import Kind


@dataclass(frozen=True)
class _Stop:
    """The job's work had to cease by `by_s`."""

    by_s: float
    requirement: str
    because: str


def judge_work(record: Record, job: JobSeen, judgement: Judgement) -> None:
    """Hold a job's work to the rules."""
    if not record.witnessed:
        return
    counts = Counter(tick for tick, _ in job.sightings)
    twice = sorted(tick for tick, number in counts.items() if number > 1)
    judgement.expect(
        not twice,
        "SUBM-002",
        rule="work done once",
        expected=f"job {job.number} runs once",
        actual=f"its ticks {twice[:5]} were done more than once",
        job=job.number,
    )
    if record.disturbances:
        return
    for stop in _stops(record, job):
        last_s = job.last_s or 0.0
        judgement.expect(
            last_s <= stop.by_s,
            stop.requirement,
            rule="work stopped",
            expected=f"no tick of job {job.number} later than that: {stop.because}",
            actual=f"the last one was done {last_s - stop.by_s:.1f} s after the bound",
            job=job.number,
        )


def _stops(record: Record, job: JobSeen) -> Iterator[_Stop]:
    timings = record.timings
    stop_s = stopped_within_s(timings)
    first_s = job.sighted_s(0)
    for act in record.acts_of(job.number, Kind.CANCEL):
        if act.accepted:
            early = first_s is None or first_s > act.asked_s - MARGIN_S
            at_owner = "CANC-002" if act.via == job.owner else "CANC-003"
            name = "CANC-004" if early else at_owner
            yield _Stop(act.ended_s + stop_s, name, f"cancelled via {act.via}")
    for stream in record.streams_of(job.number):
        if _only_reader_left(record, job, stream.number) and stream.closed_s is not None:
            name = "CANC-010" if stream.via == job.owner else "CANC-011"
            because = f"its only reader left worker {stream.via} (owner {job.owner})"
            yield _Stop(stream.closed_s + stop_s, name, because)
    yield from _abandoned(record, job)


def _only_reader_left(record: Record, job: JobSeen, number: int) -> bool:
    """Whether a stream that was being answered was dropped, and nobody else read the job."""
    stream = record.streams[number]
    if stream.end is not StreamEnd.DROPPED or stream.closed_s is None or not stream.ticks:
        return False
    others = [s for s in record.streams_of(job.number) if s.number != number]
    company = any(s.until_s(record) > stream.asked_s for s in others)
    polled = any(
        act.ended_s > stream.asked_s and act.asked_s < stream.closed_s
        for act in record.acts_of(job.number, Kind.POLL, Kind.GIVE_UP)
    )
    return stream.over_s is None and not company and not polled


def _abandoned(record: Record, job: JobSeen) -> Iterator[_Stop]:
    """Nobody read the job any more, for so long that it had to be reclaimed."""
    if record.timings.stale_threshold_s <= 0:
        return
    silent_s = max(until_s for _, until_s in signs_of_life(record, job))
    by_s = silent_s + reclaimed_within_s(record.timings) + MARGIN_S
    if by_s < record.until_s:
        yield _Stop(by_s, "WDOG-001", "its client was gone")
