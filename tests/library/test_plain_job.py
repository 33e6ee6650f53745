"""What comes of a plain job: that it did not begin is told only where the target was heard."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers import plain_job
from queueproof.case_helpers.plain_job import StartOutcome, start_plain_job, start_plain_jobs
from queueproof.errors import Inconclusive, QueueproofError, TargetUnreachable
from queueproof.history import Event, EventKind, Operation, Outcome
from queueproof.probe import Probe
from queueproof.targets.protocol import CancelReply, SubmitReply
from queueproof.targets.worker import Worker

A, B = Worker("a", "process-1"), Worker("b", "process-2")
WITHIN_S = 0.1


def read(*kinds: EventKind, outcome: Outcome = Outcome.OK) -> Operation:
    events = [Event(each, 1.0) for each in kinds]
    return Operation(
        number=0,
        case="",
        kind="stream",
        job="job",
        worker="a",
        invoked_s=0.0,
        outcome=outcome,
        events=events,
    )


class Target:
    """Accepts jobs, unless it is to answer or to raise something else; `cancelled` counts."""

    def __init__(self) -> None:
        self.workers = (A, B)
        self.history = SimpleNamespace(operations=list[Operation]())
        self.timings = SimpleNamespace(stale_threshold_s=0.0, answer_s=1.0)
        self.answers: dict[str, SubmitReply | Exception] = {}
        self.cancelled = 0

    async def try_submit(self, _: Probe, *, via: Worker) -> tuple[Any, SubmitReply]:
        answer = self.answers.get(via.label, SubmitReply(outcome=Outcome.OK, job_id="job"))
        if isinstance(answer, Exception):
            raise answer
        job = SimpleNamespace(
            id="job", owner=via, system=self, probe=SimpleNamespace(duration_s=0.05), sightings=[]
        )
        return (job if answer.job_id else None), answer

    async def cancel(self, _: Any) -> CancelReply:
        self.cancelled += 1
        return CancelReply(outcome=Outcome.OK)


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(plain_job, "_PAUSE_S", 0.01)
    monkeypatch.setattr(plain_job, "_PAUSE_UNANSWERED_S", 0.02)
    return Target()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Operation | QueueproofError]:
    """How a job's reads are answered, one by one; the last for as long as it is read."""
    answers: list[Operation | QueueproofError] = []

    async def read_job(job: Any, **_: Any) -> None:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, QueueproofError):
            raise answer
        job.system.history.operations.append(answer)

    monkeypatch.setattr(plain_job, "read_job", read_job)
    return answers


def outcome(target: Any) -> StartOutcome:
    return asyncio.run(start_plain_job(target, A, within_s=WITHIN_S)).outcome


def test_a_job_that_ticks_has_begun(target: Any, reads: list[Any]) -> None:
    reads += [read(), read(EventKind.TICK)]

    assert outcome(target) is StartOutcome.BEGUN
    assert target.cancelled == 0


def test_a_job_whose_reads_are_answered_and_tell_nothing_did_not_begin(
    target: Any, reads: list[Any]
) -> None:
    """Also where later ones are refused, as of a job whose stream was ended."""
    reads += [read(), read(outcome=Outcome.FAILED)]

    assert outcome(target) is StartOutcome.NOT_BEGUN
    assert target.cancelled == 1


@pytest.mark.parametrize(
    "unread",
    [
        Inconclusive("nginx answered 429"),
        Inconclusive("worker a went away"),
        TargetUnreachable("nobody listens"),
        read(outcome=Outcome.FAILED),
        read(outcome=Outcome.UNKNOWN),
    ],
)
def test_of_a_job_that_cannot_be_read_it_is_not_known(
    target: Any, reads: list[Any], unread: Any
) -> None:
    reads += [unread]

    assert outcome(target) is StartOutcome.UNKNOWN
    assert target.cancelled == 1


def test_of_a_job_whose_worker_went_away_it_is_not_known(target: Any, reads: list[Any]) -> None:
    """Whatever it answered before."""
    reads += [read(), Inconclusive("worker a went away")]

    assert outcome(target) is StartOutcome.UNKNOWN


def test_what_is_answered_after_a_refusal_counts(target: Any, reads: list[Any]) -> None:
    reads += [Inconclusive("nginx answered 429"), read()]

    assert outcome(target) is StartOutcome.NOT_BEGUN


def test_who_is_refused_waits_longer(
    target: Any, reads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would feed the very limit that refuses it."""
    pauses: list[float] = []

    async def sleep(pause_s: float) -> None:
        pauses.append(pause_s)

    monkeypatch.setattr(plain_job.asyncio, "sleep", sleep)
    reads += [read(), Inconclusive("nginx answered 429"), read(EventKind.END)]

    assert outcome(target) is StartOutcome.BEGUN
    assert pauses == [plain_job._PAUSE_S, plain_job._PAUSE_UNANSWERED_S]


def test_a_job_that_is_not_accepted_is_told_with_the_answer(target: Any, reads: list[Any]) -> None:
    target.answers = {
        "a": SubmitReply(outcome=Outcome.FAILED, status=500, detail="database is locked"),
        "b": Inconclusive("nginx answered 503"),
    }

    starts = asyncio.run(start_plain_jobs(target, within_s=WITHIN_S))

    assert [str(each) for each in starts] == [
        "on worker a it was not accepted: 500 database is locked",
        "on worker b it may have begun or not: nginx answered 503",
    ]
    assert reads == []


def test_a_target_that_is_gone_is_the_callers_matter(target: Any) -> None:
    target.answers = {"a": TargetUnreachable("nobody listens")}

    with pytest.raises(TargetUnreachable):
        outcome(target)
