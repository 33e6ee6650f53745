"""The word for an outage is what was seen of jobs and workers, the worst of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queueproof.checkers.outage_history import JobHistory, OutageHistory
from queueproof.checkers.outcome_words import JobWord, WorkerWord, outcome_of, promises_asked
from queueproof.history import EventKind, Operation
from queueproof.reporting.outages import sentences_of

from .test_queue_outages import ALL, BEGUN, RUN_AGAIN, A, B, life, operation, outage

KEPT = life("kept", ticks=ALL, told=EventKind.END, worker=B)
AGAIN = life("again", ticks=RUN_AGAIN, told=EventKind.END)
TOLD = life("told", ticks=BEGUN, told=EventKind.ERROR, told_s=8.0)
TWICE = life("twice", ticks=RUN_AGAIN, told=EventKind.END, worker=B)
UNTOLD = life("untold", ticks=ALL, worker=B)
LOST = life("lost", ticks=BEGUN)


def noted(of: OutageHistory, *notes: Operation) -> OutageHistory:
    return replace(of, operations=(*of.operations, *notes))


def service(lacking: str = "", took_s: float = 2.5) -> Operation:
    return operation("service", 12.0, lacking=lacking, took_s=took_s)


def wave(status: int | None, at_s: float = 11.0) -> Operation:
    return replace(operation("submit", at_s, ours=True), status=status)


@pytest.mark.parametrize(
    ("one", "word", "at_s"),
    [
        (KEPT, JobWord.KEPT, None),
        (AGAIN, JobWord.AGAIN, 4.0),
        (TOLD, JobWord.TOLD, 3.0),
        (TWICE, JobWord.TWICE, 4.0),
        (UNTOLD, JobWord.UNTOLD, 55.0),
        (LOST, JobWord.LOST, 55.0),
        (life(ticks=BEGUN, told=EventKind.END), JobWord.LOST, 55.0),
        (life(ticks=ALL, told=EventKind.ERROR, told_s=9.0), JobWord.TOLD, 4.0),
        (life(ticks=[], worker=B), JobWord.LOST, 55.0),
    ],
)
def test_a_job_has_one_word_and_the_time_since_the_outage_began(
    one: JobHistory, word: JobWord, at_s: float | None
) -> None:
    """For what had no end, the time is how long was watched."""
    outcome = outcome_of(outage(one))

    assert (outcome.jobs, outcome.jobs_s, outcome.counts) == (word, at_s, {word: 1})


def test_the_worst_word_is_the_outages_and_all_are_counted() -> None:
    outcome = outcome_of(outage(KEPT, AGAIN, TOLD, replace(KEPT, key="other")))

    assert outcome.jobs is JobWord.TOLD
    assert outcome.counts == {"kept": 2, "again": 1, "told": 1}


@pytest.mark.parametrize(
    "one",
    [
        replace(KEPT, submit=operation("submit", 9.0, "late")),
        life(ticks=[(0, 2.0), (1, 3.0), (2, 4.0)]),
        replace(LOST, readings=()),
    ],
)
def test_a_job_that_the_outage_did_not_meet_has_no_word(one: JobHistory) -> None:
    """It came later, was about done, or nobody asked for it."""
    assert outcome_of(outage(one)).jobs is None


def test_the_jobs_of_the_struck_worker_are_counted() -> None:
    """Without any, an outage of one worker shows nothing."""
    assert outcome_of(outage(AGAIN, KEPT)).struck == 1
    assert outcome_of(outage(KEPT)).struck == 0
    assert outcome_of(outage(KEPT, struck=("a", A, B))).struck is None


def test_a_second_run_after_the_worker_ended_by_itself_is_again() -> None:
    ended = operation("programs", 50.0, ended={B: "quitting"})

    assert outcome_of(noted(outage(TWICE), service(), ended)).jobs is JobWord.AGAIN


@pytest.mark.parametrize(
    ("notes", "word"),
    [
        ([service()], WorkerWord.WORKS),
        ([service("worker b took none")], WorkerWord.DEAF),
        ([wave(202), service("2 of 4 jobs were not done")], WorkerWord.DEAF),
        ([wave(202, 10.0), wave(503), service("4 of 4 submits got 503")], WorkerWord.REFUSES),
        ([service("a job that was done is told as: unknown")], WorkerWord.MUTE),
        ([wave(None), service("4 of 4 submits got no answer")], WorkerWord.REFUSES),
        ([wave(503, 6.0), wave(202), service("late")], WorkerWord.DEAF),
        ([service(), operation("programs", 50.0, ended={A: "quitting"})], WorkerWord.EXITS),
        ([service("gone"), operation("programs", 50.0, ended={A: "quitting"})], WorkerWord.EXITS),
        ([service(), operation("programs", 50.0, ended={})], WorkerWord.WORKS),
        ([], None),
    ],
)
def test_workers_have_one_word(notes: list[Operation], word: WorkerWord | None) -> None:
    outcome = outcome_of(noted(outage(KEPT), *notes))

    assert outcome.workers is word
    assert outcome.workers_s == (None if word is None else 2.5)


@pytest.mark.parametrize(
    ("traits", "names"),
    [
        ({"stops": True}, ("stop", "stop_s")),
        ({}, ("delivery", "redelivery_s")),
        ({"struck": ("a", A, B)}, ("keeps_data",)),
        ({"struck": ("a", A, B), "costs": "data"}, ("unique_ids",)),
    ],
)
def test_each_outage_names_the_promises_that_decide_what_it_may_cost(
    traits: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert promises_asked(outage(KEPT, **{"struck": (A,), **traits})) == names


def test_a_report_tells_the_outcome_in_a_sentence() -> None:
    entry = {
        "outcome": {
            "jobs": "again",
            "jobs_s": 4.0,
            "counts": {"again": 1, "kept": 3},
            "workers": "deaf",
            "workers_s": 15.0,
            "ended": {"worker b": "ConnectionError: quitting"},
        },
        "promised": 'delivery = "at-least-once" (Guide)',
    }

    assert sentences_of(entry) == [
        (
            "Outcome",
            (
                "jobs: 1 again (the last 4.00 s after it began), 3 kept; workers: deaf for 15.0 s; "
                "the last words of worker b: ConnectionError: quitting"
            ),
        ),
        ("Promised", 'delivery = "at-least-once" (Guide)'),
    ]
