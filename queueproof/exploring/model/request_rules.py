"""Submits, cancels' answers, other people's requests, jobs that never were, and the monitor."""

from __future__ import annotations

from queueproof.exploring.model.causes import MARGIN_S, causes
from queueproof.exploring.model.findings import Judgement
from queueproof.exploring.record import Act, JobSeen, Record
from queueproof.exploring.steps import Kind
from queueproof.json_numbers import is_whole

_INTRUSIONS = {
    "poll": "ACCS-008",
    "stream": "ACCS-009",
    "cancel": "CANC-009",
    "monitor": "ACCS-003",
}
_PAIR, _SERVER_ERROR = 2, 500
_STRANGERS = {"poll": "POLL-007", "stream": "STRM-010", "cancel": "CANC-008"}


def judge_act(record: Record, act: Act, judgement: Judgement) -> None:
    """Hold one request's answer to the rules, unless its worker was out of order."""
    if record.disturbances and record.disturbed(act.via, act.asked_s, act.ended_s):
        return
    judges = {
        Kind.SUBMIT: _submit,
        Kind.CANCEL: _cancel,
        Kind.INTRUDE: _intrusion,
        Kind.STRANGER: _stranger,
        Kind.LOOK: _look,
    }
    if act.kind in judges:
        judges[act.kind](record, act, judgement)


def judge_ids(record: Record, judgement: Judgement) -> None:
    """No two jobs share an id."""
    ids = [job.id for job in record.jobs.values()]
    if len(ids) < _PAIR:
        return
    judgement.expect(
        len(set(ids)) == len(ids),
        "SUBM-001",
        rule="job ids",
        expected="a job id of its own for every submit",
        actual=f"{len(ids) - len(set(ids))} of {len(ids)} ids came twice",
    )


def _submit(record: Record, act: Act, judgement: Judgement) -> None:
    if act.status is None and not act.waited_out(record.timings.answer_s):
        return
    judgement.expect(
        act.accepted,
        "SUBM-002",
        rule="a submit's answer",
        expected=f"worker {act.via} accepts a submit",
        actual=act.words,
        job=act.job,
    )


def _cancel(record: Record, act: Act, judgement: Judgement) -> None:
    """A job that works before and after the answer was there to be cancelled."""
    job = record.jobs[act.job]
    if act.accepted:
        judgement.judged["CANC-001"] += 1
        return
    if act.status is None and not act.waited_out(record.timings.answer_s):
        return
    works_on = job.last_s is not None and job.last_s > act.ended_s + MARGIN_S
    earlier = [cause for cause in causes(record, job) if cause.from_s < act.asked_s]
    judgement.expect(
        not works_on or bool(earlier),
        "CANC-001",
        rule="a cancel's answer",
        expected=f"a cancel of the running job {job.number} via {act.via} is answered with success",
        actual=act.words,
        job=job.number,
    )


def _intrusion(_: Record, act: Act, judgement: Judgement) -> None:
    if act.status is None or act.status >= _SERVER_ERROR:
        # A server that broke down did not refuse.
        return
    judgement.expect(
        not act.accepted,
        _INTRUSIONS[act.what],
        rule="an intrusion",
        expected=f"another user's {act.what} is refused",
        actual=f"{act.words or act.status} via {act.via}",
        job=act.job,
    )


def _stranger(record: Record, act: Act, judgement: Judgement) -> None:
    bound_s = record.timings.answer_s
    if act.what != "cancel":
        bound_s += record.timings.poll_hold_s
    if act.status is None and not act.waited_out(bound_s):
        return
    if act.status is not None and act.status >= _SERVER_ERROR:
        return
    judgement.expect(
        act.status is not None and not act.accepted,
        _STRANGERS[act.what],
        rule="an unknown job",
        expected=f"a {act.what} of a job that never was is refused",
        actual=f"{act.words} via {act.via} after {act.ended_s - act.asked_s:.1f} s",
    )


def _look(record: Record, act: Act, judgement: Judgement) -> None:
    """Only lower bounds: others may use the target as well. What is no number is no bound."""
    if not act.accepted:
        return
    running = [job for job in record.jobs.values() if _surely_runs(job, act)]
    for name, requirement in (("active_jobs", "MONI-004"), ("bridge_count", "MONI-006")):
        told = act.body.get(name)
        if is_whole(told):
            judgement.expect(
                told >= len(running),
                requirement,
                rule="the monitor",
                expected=f"{name} of worker {act.via} is {len(running)} at least",
                actual=str(told),
            )
    if "cancel_dispatcher_running" in act.body:
        judgement.expect(
            act.body["cancel_dispatcher_running"] is True,
            "MONI-009",
            rule="the monitor",
            expected=f"the cancel dispatcher of worker {act.via} runs",
            actual=f"cancel_dispatcher_running is {act.body['cancel_dispatcher_running']}",
        )


def _surely_runs(job: JobSeen, act: Act) -> bool:
    """Whether the job worked on this worker before the monitor was asked and after it answered."""
    times = [at_s for _, at_s in job.sightings]
    before = any(at_s < act.asked_s - MARGIN_S for at_s in times)
    after = any(at_s > act.ended_s + MARGIN_S for at_s in times)
    return job.owner == act.via and before and after
