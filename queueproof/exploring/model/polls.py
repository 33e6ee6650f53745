"""One polling client a job: whatever mix of workers it asks, one whole story, told once."""

from __future__ import annotations

from dataclasses import dataclass, field

from queueproof.exploring.model.attribution import likeliest_cause
from queueproof.exploring.model.causes import MARGIN_S, Why, allowed, causes, may_be_gone, planned
from queueproof.exploring.model.findings import Judgement
from queueproof.exploring.record import Act, JobSeen, Record
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.targets.job import Ending, ending_of, is_over

_GONE = 410


@dataclass
class _Client:
    """What the polling client has been told so far.

    `lost_until_s`: what was done before may have travelled in an answer that never arrived.
    """

    next_tick: int = 0
    over: Ending | None = None
    failed: bool = False
    lost_until_s: float = -1.0
    first_s: float = -1.0
    workers: set[str] = field(default_factory=set)
    gave_up: bool = False


def judge_polls(record: Record, job: JobSeen, judgement: Judgement) -> None:
    """Hold every poll of a job to the rules, in their order."""
    client = _Client()
    for act in record.acts_of(job.number, Kind.POLL, Kind.GIVE_UP):
        if client.first_s < 0:
            client.first_s = act.asked_s
        if record.disturbed(act.via, act.asked_s, act.ended_s):
            client.lost_until_s = act.ended_s + MARGIN_S
            continue
        client.workers.add(act.via)
        if not _one(record, job, client, act, judgement):
            return
    if client.over is None:
        _unfinished(record, job, client, judgement)


def poll_id(record: Record, job: JobSeen, client: _Client) -> str:
    """The requirement that a polling client's deliveries amount to."""
    first = record.acts_of(job.number, Kind.POLL, Kind.GIVE_UP)[0].asked_s
    streamed = any(s.until_s(record) >= first for s in record.streams_of(job.number))
    rules = (
        (client.gave_up, "POLL-004"),
        (streamed, "POLL-012"),
        (job.probe.interval_s == 0, "POLL-010"),
        (client.workers == {job.owner}, "POLL-002"),
        (len(client.workers) == 1, "POLL-001"),
    )
    return next((name for holds, name in rules if holds), "POLL-003")


def _one(record: Record, job: JobSeen, client: _Client, act: Act, judgement: Judgement) -> bool:
    """Judge one poll; False when what follows cannot be judged any more."""
    if act.status is None:
        return _unanswered(record, job, client, act, judgement)
    if client.over is not None:
        return _after_the_end(record, job, client, act, judgement)
    if act.status != 200:
        return _refused(record, job, client, act, judgement)
    if not _ticks(record, job, client, act, judgement):
        return False
    if is_over(act.events) and _by_grace(record, job, client, act):
        return True
    client.failed = client.failed or any(e.kind is EventKind.ERROR for e in act.events)
    return not is_over(act.events) or _end(record, job, client, act, judgement)


def _unanswered(
    record: Record, job: JobSeen, client: _Client, act: Act, judgement: Judgement
) -> bool:
    client.lost_until_s = act.ended_s + MARGIN_S
    client.gave_up = True
    bound_s = record.timings.poll_hold_s + record.timings.answer_s
    if not act.waited_out(bound_s):
        return True
    judgement.expect(
        False,
        "POLL-005" if client.over is not None else "POLL-006",
        rule="a poll's answer",
        expected=f"a poll of job {job.number} via {act.via} is answered within {bound_s:.1f} s",
        actual=f"{act.words} after {act.ended_s - act.asked_s:.1f} s"
        + (", though the end had been told before" if client.over is not None else ""),
        job=job.number,
    )
    return False


def _refused(record: Record, job: JobSeen, client: _Client, act: Act, judgement: Judgement) -> bool:
    if may_be_gone(record, job, act.asked_s) or (act.status == _GONE and client.gave_up):
        return False
    return judgement.expect(
        False,
        poll_id(record, job, client),
        rule="a poll's answer",
        expected=f"job {job.number} can be polled via {act.via}",
        actual=act.words,
        job=job.number,
    )


def _ticks(record: Record, job: JobSeen, client: _Client, act: Act, judgement: Judgement) -> bool:
    for tick in act.ticks:
        missing = range(client.next_tick, tick)
        if missing and all(_may_be_lost(record, job, client, number) for number in missing):
            client.next_tick = tick
        if not judgement.expect(
            tick == client.next_tick,
            poll_id(record, job, client),
            rule="polls' order",
            expected=f"tick {client.next_tick} of job {job.number} next, once each, in order",
            actual=f"tick {tick} via {act.via} (owner {job.owner}), polled via "
            f"{', '.join(sorted(client.workers))}",
            job=job.number,
        ):
            return False
        client.next_tick += 1
    return True


def _may_be_lost(record: Record, job: JobSeen, client: _Client, tick: int) -> bool:
    """Whether a tick may have travelled in an answer that its client did not wait for."""
    if client.lost_until_s < 0:
        return False
    done_s = job.sighted_s(tick)
    return not record.witnessed or done_s is None or done_s <= client.lost_until_s


def _failure_may_be_lost(record: Record, job: JobSeen, client: _Client) -> bool:
    """Whether a failing job's error may have travelled in an answer that nobody waited for."""
    if planned(job) is not Ending.FAILED:
        return False
    return _may_be_lost(record, job, client, len(job.probe.expected_ticks) - 1)


def _end(record: Record, job: JobSeen, client: _Client, act: Act, judgement: Judgement) -> bool:
    told = ending_of(act.events) or Ending.UNMARKED
    if told is Ending.COMPLETED and (client.failed or _failure_may_be_lost(record, job, client)):
        told = Ending.FAILED
    client.over = told
    may = allowed(record, job, told_s=act.ended_s)
    emitted = len(job.probe.expected_ticks)
    rest = range(client.next_tick, emitted)
    lost = all(_may_be_lost(record, job, client, tick) for tick in rest)
    whole = told is not Ending.COMPLETED or client.next_tick >= emitted or lost
    name = "POLL-008" if planned(job) is Ending.FAILED else poll_id(record, job, client)
    if told not in may and Ending.COMPLETED in may:
        name = likeliest_cause(record, job, act.ended_s)
    elif told is Ending.CANCELLED:
        name = "POLL-009"
    return judgement.expect(
        told in may and whole,
        name,
        rule="polls' story",
        expected=f"job {job.number} {' or '.join(sorted(e.value for e in may))}, "
        "with the ticks that go with it",
        actual=f"polls (the last via {act.via}, owner {job.owner}) tell: {told.value}, after "
        f"{client.next_tick} of {emitted} ticks",
        job=job.number,
    )


def _after_the_end(
    record: Record, job: JobSeen, client: _Client, act: Act, judgement: Judgement
) -> bool:
    if may_be_gone(record, job, act.asked_s):
        return False
    repeated = act.ticks
    judgement.expect(
        not repeated,
        poll_id(record, job, client) if len(client.workers) > 1 else "POLL-005",
        rule="polls' order",
        expected=f"no tick of job {job.number} again after its end was told",
        actual=f"ticks {repeated[:5]} again via {act.via}",
        job=job.number,
    )
    return judgement.expect(
        is_over(act.events) or act.status == _GONE,
        "POLL-005",
        rule="a poll after the end",
        expected=f"the terminal event of job {job.number} again, or {_GONE}",
        actual=f"{act.words or act.status} via {act.via}, "
        f"events: {[event.kind.value for event in act.events]}",
        job=job.number,
    )


def _by_grace(record: Record, job: JobSeen, client: _Client, act: Act) -> bool:
    """Whether only this reading ended, since the job was slow to start."""
    if client.next_tick or act.ticks:
        return False
    bound_s = client.first_s + 0.95 * record.timings.startup_grace_s
    first_s = job.sighted_s(0)
    return act.ended_s >= bound_s and (first_s is None or first_s >= bound_s - 1.0)


def _unfinished(record: Record, job: JobSeen, client: _Client, judgement: Judgement) -> None:
    turns = [via for number, via in record.unfinished if number == job.number]
    if not turns or record.disturbed(turns[-1][-1], job.asked_s, record.until_s):
        return
    why = {cause.why for cause in causes(record, job)}
    rules = (
        (Why.OUT_OF_ORDER in why, "LIFE-001"),
        (bool(why & {Why.CANCEL, Why.DROP}), "POLL-009"),
        (Why.SILENCE in why, "WDOG-008"),
        (planned(job) is Ending.FAILED, "POLL-008"),
    )
    judgement.expect(
        False,
        next((name for holds, name in rules if holds), poll_id(record, job, client)),
        rule="polls' end",
        expected=f"polls of job {job.number} come to its end",
        actual=f"no end by polling via {', '.join(turns[-1])}, with {client.next_tick} of "
        f"{len(job.probe.expected_ticks)} ticks",
        job=job.number,
    )
