"""The outcome of an outage for a queue, in one word for its jobs and one for its workers.

A word is an observation and no verdict: whether it breaks a promise is told by the requirements.
The jobs' word is the worst that became of any job that the outage met.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from queueproof.checkers.outage_history import JobHistory, OutageHistory
from queueproof.checkers.struck_jobs import (
    end_told_s,
    may_be_over,
    second_run_s,
    struck_lives,
    worker_of,
)
from queueproof.history import EventKind, Operation

#: How it begins what lacks of the service where jobs are done and not told.
DONE_AND_TOLD = "a job that was done is told as"


class JobWord(StrEnum):
    """What became of a job, the best first."""

    #: It came to its own end, each tick done once.
    KEPT = "kept"
    #: Its worker was lost, and it was begun again and came to its end.
    AGAIN = "again"
    #: It was told to have failed, or to be cancelled.
    TOLD = "told"
    #: Ticks were done more than once though its worker was not lost.
    TWICE = "twice"
    #: All its work was done, and its end was never told.
    UNTOLD = "untold"
    #: Not all its work was done, nor was it told to have failed, for as long as was watched.
    LOST = "lost"


class WorkerWord(StrEnum):
    """What became of the workers, the best first."""

    #: Each of them does jobs again.
    WORKS = "works"
    #: Jobs are done again, and their ends are not told.
    MUTE = "mute"
    #: Submits are still refused.
    REFUSES = "refuses"
    #: A worker program lives and takes no job, or jobs are not done.
    DEAF = "deaf"
    #: A worker program ended by itself.
    EXITS = "exits"


@dataclass(frozen=True, kw_only=True)
class OutageOutcome:
    """What became of jobs and workers.

    `jobs_s` is from the beginning of the outage until the last job with the word was begun again or
    told (None for those that were kept), or for how long was watched where there was no end;
    `counts` has all the words. `workers_s` is from the end of the outage to full service, or for
    how long that was waited for; `ended` has the last that each worker program said that ended by
    itself. `struck` is how many jobs the workers ran that the outage reaches, None where it reaches
    all. A word is None where there was nothing to see.
    """

    jobs: JobWord | None = None
    jobs_s: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    workers: WorkerWord | None = None
    workers_s: float | None = None
    ended: dict[str, str] = field(default_factory=dict)
    struck: int | None = None


def outcome_of(outage: OutageHistory) -> OutageOutcome:
    """The words for one outage."""
    fates = [_fate(outage, life) for life in _met(outage)]
    words = [word for word, _ in fates]
    worst = max(words, key=tuple(JobWord).index, default=None)
    times = [at_s for word, at_s in fates if word is worst and at_s is not None]
    workers, workers_s = _workers(outage)
    return OutageOutcome(
        jobs=worst,
        jobs_s=round(max(times), 1) if times else None,
        counts={word.value: number for word, number in Counter(words).items()},
        workers=workers,
        workers_s=workers_s,
        ended=_ended(outage),
        struck=len(struck_lives(outage)) if outage.apart else None,
    )


def promises_asked(outage: OutageHistory) -> tuple[str, ...]:
    """The names of the promises that decide what such an outage may cost."""
    if outage.traits.get("stops"):
        return ("stop", "stop_s")
    if outage.apart or outage.undisturbed:
        return ("delivery", "redelivery_s")
    return ("unique_ids",) if outage.costs == "data" else ("keeps_data",)


def _met(outage: OutageHistory) -> list[JobHistory]:
    """Jobs accepted until the outage ended, but those whose end had come before it, those that
    somebody cancelled, and those that were asked to fail.
    """
    return [
        life
        for life in outage.accepted
        if life.accepted_s < outage.healed_s
        and life.first_readings
        and not (life.cancels or life.fails)
        and not may_be_over(outage, life)
    ]


def _fate(outage: OutageHistory, life: JobHistory) -> tuple[JobWord, float | None]:
    """A job's word, and its time in seconds after the outage began."""
    watched_s = outage.ended_s - outage.applied_s
    told = next((reading.told for reading in life.first_readings if reading.told), None)
    whole = {event.tick for event in life.work} == set(range(life.planned))
    if told in (EventKind.ERROR, EventKind.CANCELLED):
        return JobWord.TOLD, (end_told_s(life) or outage.ended_s) - outage.applied_s
    if not whole:
        return JobWord.LOST, watched_s
    if told is None:
        return JobWord.UNTOLD, watched_s
    again_s = second_run_s(life)
    if again_s is None:
        return JobWord.KEPT, None
    word = JobWord.AGAIN if _lost_its_worker(outage, life) else JobWord.TWICE
    return word, again_s - outage.applied_s


def _lost_its_worker(outage: OutageHistory, life: JobHistory) -> bool:
    if worker_of(outage, life) in _ended(outage):
        return True
    return any(one is life for one in struck_lives(outage))


def _workers(outage: OutageHistory) -> tuple[WorkerWord | None, float | None]:
    note = next(iter(outage.of_kind("service")), None)
    if note is None:
        return None, None
    took_s = float(note.facts.get("took_s") or 0.0)
    if _ended(outage):
        return WorkerWord.EXITS, took_s
    lacking = str(note.facts.get("lacking") or "")
    if not lacking:
        return WorkerWord.WORKS, took_s
    if lacking.startswith(DONE_AND_TOLD):
        return WorkerWord.MUTE, took_s
    return (WorkerWord.REFUSES if _refused_last(outage) else WorkerWord.DEAF), took_s


def _ended(outage: OutageHistory) -> dict[str, str]:
    """Worker programs that ended though nothing ended them, with the last that each said."""
    notes = outage.of_kind("programs")
    return {label: words for note in notes for label, words in note.facts.get("ended", {}).items()}


def _refused_last(outage: OutageHistory) -> bool:
    """Whether the last submit of a wave, before its wait for full service ended, was refused."""
    waves = [
        operation
        for operation in outage.of_kind("submit")
        if operation.facts.get("ours") and outage.healed_s < operation.invoked_s < outage.whole_s
    ]
    return bool(waves) and _is_refused(waves[-1])


def _is_refused(submit: Operation) -> bool:
    return submit.status is None or submit.status >= 400
