"""Polls of one job, and what ought to be said of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.model.polls import judge_polls
from queueproof.exploring.record import Act, Disturbance, JobSeen, Record, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.probe import Probe

from .records import ENDLESS, TIMINGS, job, record

START, END, ERROR, CANCELLED = (
    EventKind.START,
    EventKind.END,
    EventKind.ERROR,
    EventKind.CANCELLED,
)
FAILING = Probe(ticks=5, interval_s=0.1, fail_at=3, witnessed=True)
BURST = Probe(ticks=4, interval_s=0.0, witnessed=True)
GRACE_S = 0.95 * TIMINGS.startup_grace_s
NOTHING = Judgement()


def judged(*parts: JobSeen | Act | StreamSeen, until_s: float = 1.0) -> Judgement:
    return of(record(*parts, until_s=until_s))


def of(seen: Record) -> Judgement:
    judgement = Judgement()
    judge_polls(seen, seen.jobs[1], judgement)
    return judgement


def said(rule: str, requirement: str, expected: str, actual: str) -> list[ModelFinding]:
    return [
        ModelFinding(rule=rule, requirement=requirement, expected=expected, actual=actual, job=1)
    ]


def kept(*requirements: str) -> Judgement:
    return Judgement([], Counter(requirements))


def seen_at(*at_s: float, probe: Probe = ENDLESS, owner: str = "a") -> JobSeen:
    return replace(job(probe=probe, owner=owner), sightings=list(enumerate(at_s)))


def took(one: Act, until_s: float) -> Act:
    return replace(one, ended_s=until_s)


def disturbed(seen: Record, via: str, from_s: float, until_s: float) -> Record:
    seen.disturbances.append(Disturbance(kind=Kind.PAUSE, via=via, from_s=from_s, until_s=until_s))
    return seen
