"""The start of a plain job on a worker: the least that a queue can be asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from queueproof.case_helpers.keepalive import kept_alive
from queueproof.errors import Inconclusive, QueueproofError
from queueproof.history import EventKind, Operation, Outcome
from queueproof.probe import Probe
from queueproof.targets.job import Ending, Job, ending_of
from queueproof.targets.reading import read_job
from queueproof.targets.system import System
from queueproof.targets.worker import ANY_WORKER, Worker

PLAIN = Probe(ticks=1, interval_s=0.05, witnessed=True)
_PAUSE_S = 0.2
#: A front that limits requests, or a worker that is being replaced, wants more time.
_PAUSE_UNANSWERED_S = 2.0


class StartOutcome(Enum):
    """What came of a job that was submitted to see it begin, in words that complete "it …"."""

    BEGUN = "began"
    NOT_BEGUN = "was accepted and did not begin"
    NOT_ACCEPTED = "was not accepted"
    UNKNOWN = "may have begun or not"


@dataclass(frozen=True, kw_only=True)
class PlainStart:
    """A plain job that was submitted to a worker; `detail` is what was answered instead."""

    worker: Worker
    outcome: StartOutcome
    detail: str = ""

    def __str__(self) -> str:
        told = f"on worker {self.worker} it {self.outcome.value}"
        return f"{told}: {self.detail}" if self.detail else told


async def start_plain_jobs(system: System, *, within_s: float) -> tuple[PlainStart, ...]:
    """What comes of a plain job on each worker, all submitted now."""
    starts = (start_plain_job(system, each, within_s=within_s) for each in system.workers)
    return tuple(await asyncio.gather(*starts))


async def start_plain_job(system: System, worker: Worker, *, within_s: float) -> PlainStart:
    """What comes of a plain job, submitted to a worker now, within so many seconds.

    A client cares for the job all the while, lest it counts as abandoned. That it did not begin is
    told only where the target answered what it was asked about the job, up to the end. Raises
    TargetUnreachable where nobody takes the submit.
    """
    began = len(system.history.operations)
    try:
        job, reply = await system.try_submit(PLAIN, via=None if worker is ANY_WORKER else worker)
        if job is None:
            return PlainStart(worker=worker, outcome=StartOutcome.NOT_ACCEPTED, detail=reply.words)
        async with kept_alive(job, via=job.owner, for_s=within_s):
            outcome = await _outcome_of(job, began, within_s=within_s)
    except Inconclusive as trouble:
        return PlainStart(worker=worker, outcome=StartOutcome.UNKNOWN, detail=str(trouble))
    if outcome is not StartOutcome.BEGUN:
        with suppress(QueueproofError):
            await system.cancel(job)
    return PlainStart(worker=worker, outcome=outcome)


def has_begun(job: Job, operations: Iterable[Operation]) -> bool:
    """Whether anything that these operations were told, or the witness, shows the job at work.

    A plan, a cancel, and a failure may be told of a job that never did anything.
    """
    told = [event for one in operations if one.job == job.id for event in one.events]
    ticked = any(event.kind is EventKind.TICK for event in told)
    return bool(job.sightings) or ticked or ending_of(told) is Ending.COMPLETED


async def _outcome_of(job: Job, began: int, *, within_s: float) -> StartOutcome:
    """Read the job until it has begun or the time is over; its operations follow `began` others."""
    history, deadline = job.system.history, time.monotonic() + within_s
    told = False
    while True:
        left_s = deadline - time.monotonic()
        try:
            answered = await _is_answered(job, within_s=max(left_s, 1.0))
            told |= answered
        except QueueproofError:
            # Whoever answered before may be gone, and the job with it.
            answered = told = False
        if has_begun(job, history.operations[began:]):
            return StartOutcome.BEGUN
        if left_s <= 0:
            return StartOutcome.NOT_BEGUN if told else StartOutcome.UNKNOWN
        await asyncio.sleep(_PAUSE_S if answered else _PAUSE_UNANSWERED_S)


async def _is_answered(job: Job, *, within_s: float) -> bool:
    """Read the job for as long as it tells anything; whether the target answered with success.

    Some targets end a stream of nothing early.
    """
    history = job.system.history
    began = len(history.operations)
    await read_job(job, via=job.owner, within_s=within_s)
    recent = history.operations[began:]
    return any(one.job == job.id and one.outcome is Outcome.OK for one in recent)
