"""Streams of one job, and what ought to be said of them."""

from __future__ import annotations

from dataclasses import replace

from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.model.streams import judge_stream
from queueproof.exploring.record import Act, Disturbance, JobSeen, Record, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.probe import Probe

from .records import ENDLESS, TIMINGS, act, job, record, stream

START, END, ERROR, CANCELLED = (
    EventKind.START,
    EventKind.END,
    EventKind.ERROR,
    EventKind.CANCELLED,
)
FAILING = Probe(ticks=5, interval_s=0.1, fail_at=3, witnessed=True)
QUIET = Probe(ticks=4, interval_s=0.1, quiet_after=1, quiet_s=6.0, witnessed=True)
GRACE_S = 0.95 * TIMINGS.startup_grace_s
NOTHING = Judgement()


def of(seen: Record, number: int = 1) -> Judgement:
    judgement = Judgement()
    judge_stream(seen, seen.streams[number], judgement)
    return judgement


def judged(*parts: JobSeen | Act | StreamSeen, until_s: float = 1.0) -> Judgement:
    return of(record(*parts, until_s=until_s))


def said(rule: str, requirement: str, expected: str, actual: str) -> ModelFinding:
    return ModelFinding(rule=rule, requirement=requirement, expected=expected, actual=actual, job=1)


def rules(judgement: Judgement) -> list[str]:
    return [one.rule for one in judgement.findings]


def works(*at_s: float, probe: Probe = ENDLESS, owner: str = "a") -> JobSeen:
    return replace(job(probe=probe, owner=owner), sightings=list(enumerate(at_s)))


def killed(seen: Record, via: str, from_s: float, until_s: float = float("inf")) -> Record:
    seen.disturbances.append(Disturbance(kind=Kind.KILL, via=via, from_s=from_s, until_s=until_s))
    return seen


WHOLE = stream("b", START, 0, 1, 2, 3, END)
CANCEL = act(Kind.CANCEL, "c", at_s=0.3, ok=True)
