"""Whether the target still begins the jobs that it accepts, looked at where a case went wrong.

A target that has stopped beginning jobs breaks nearly every requirement, and no case that it breaks
says why. So a case of whose jobs one never began is believed only where the worker that accepted
that job begins another, a plain one, submitted after the case. Where it does not, the case was met
by a standstill, which is told once, and first of all; the case is asked again if the target ever
begins jobs again.

A worker that has begun no job in this run has not stopped: that it begins none is its way, and each
case's to judge. Nor is it known to have stopped where the look was under severe strain
(`strain.py`): what the case saw may be due to that as well. And a case that was alone on the
target, and saw it begin a job before, has seen its own doing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from queueproof.case_helpers.plain_job import (
    PLAIN,
    PlainStart,
    StartOutcome,
    has_begun,
    start_plain_job,
)
from queueproof.errors import Inconclusive, QueueproofError, Violation
from queueproof.history import Operation, current_case
from queueproof.running.strain import StrainMeter
from queueproof.targets.job import Job
from queueproof.targets.system import System, jobs_of_case
from queueproof.targets.worker import Worker

READING = ("poll", "stream")
#: A standstill that was seen so short a time ago is not looked at again.
_FRESH_S = 60.0


class MetStandstill(Inconclusive):
    """A case that asked a target for jobs when it began none, as far as could be seen."""


@dataclass(frozen=True, kw_only=True)
class Standstill:
    """A worker that accepts jobs and begins them no more; instants are of the run's clock.

    begun_s   when the last job was submitted that it began, and by which case, `begun_by`
    missed_s  when the first one that it did not begin was, and by which case, `missed_by`
    """

    worker: str
    begun_s: float
    begun_by: str
    missed_s: float
    missed_by: str

    def __str__(self) -> str:
        return (
            f"worker {self.worker} accepts jobs and begins none since {self.missed_s:.1f} s into "
            f"the run; the last that began was submitted at {self.begun_s:.1f} s by "
            f"{_short(self.begun_by)}, the first that did not by {_short(self.missed_by)}"
        )


@dataclass
class _Record:
    """What is known of one worker: each instant with the case that submitted the job.

    The last look at it began at `looked_at` and was over at `seen_at`, on the monotonic clock;
    `doubt` says what it suffered where no job began under severe strain.
    """

    worker: Worker
    begun: tuple[float, str] | None = None
    missed: tuple[float, str] | None = None
    standstill: Standstill | None = None
    looked_at: float = 0.0
    seen_at: float = 0.0
    doubt: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def has_begun(self, instant: tuple[float, str]) -> None:
        """A job that was submitted then, by that case, began; what was missed before it is over."""
        self.begun = max(self.begun or instant, instant)
        if self.missed is not None and self.missed < self.begun:
            self.missed = None

    def has_missed(self, instant: tuple[float, str]) -> None:
        """One that was submitted then did not."""
        if self.begun is None or instant > self.begun:
            self.missed = min(self.missed or instant, instant)

    def stands_still_since(self, asked_s: float) -> Standstill:
        """The standstill of a worker that did not begin the job either that was submitted then."""
        assert self.begun is not None
        missed_s, missed_by = self.missed or (asked_s, "")
        return Standstill(
            worker=self.worker.label,
            begun_s=self.begun[0],
            begun_by=self.begun[1],
            missed_s=missed_s,
            missed_by=missed_by,
        )


class StandstillWatch:
    """Keeps, for the workers of the target that cases share, which jobs began."""

    def __init__(self, meter: StrainMeter) -> None:
        #: Every standstill that was seen in the run, be it over or not.
        self.seen: list[Standstill] = []
        self._meter = meter
        self._system: System | None = None
        self._records: dict[str, _Record] = {}
        self._given_up = ""

    def give_up(self, why: str) -> None:
        """Nothing can be played on the target any more; `why` follows what stood still last."""
        self._given_up = f"not played: {self.seen[-1]}; {why}"

    def stopped(self, system: System) -> tuple[Standstill, ...]:
        """The workers of a target that stand still, as far as is known; none of one just met."""
        records = self._records.values() if system is self._system else ()
        return tuple(one.standstill for one in records if one.standstill is not None)

    async def begin(self, system: System) -> None:
        """Look at every worker of a target once, before any case is played on it.

        For what has begun no job cannot stop.
        """
        self._system = system
        self._records = {worker.label: _Record(worker) for worker in system.workers}
        await asyncio.gather(*(self._meet(record) for record in self._records.values()))

    def note(
        self, system: System, case: str, jobs: Iterable[Job], operations: Sequence[Operation]
    ) -> list[Job]:
        """Take down which of a case's jobs on `system` began; returns those that did not.

        What nobody looked at says nothing. A target that is another one than before, launched anew,
        is begun with anew.
        """
        if system is not self._system:
            self._system, self._records = system, {}
        cancelled = {one.job for one in operations if one.kind == "cancel"}
        missed = []
        for job in (job for job in jobs if job.system is system):
            record = self._records.setdefault(job.owner.label, _Record(job.owner))
            instant = (job.submitted_s, case)
            if has_begun(job, operations):
                record.has_begun(instant)
            elif _was_looked_at(job, operations):
                missed.append(job)
                if job.id not in cancelled:
                    record.has_missed(instant)
        return missed

    async def judge(
        self, error: Violation | Inconclusive, missed: Iterable[Job], *, ended: float
    ) -> Violation | Inconclusive:
        """What a case saw, or that it was met by a standstill of a worker whose jobs it `missed`.

        Or by what may be one, seen under severe strain.
        `ended` is when the case was over, on the monotonic clock.
        """
        labels = dict.fromkeys(job.owner.label for job in missed)
        records = [self._records[each] for each in labels]
        found = await asyncio.gather(*(self._look(record, ended) for record in records))
        reasons = [*filter(None, found), *(each.doubt for each in records if each.doubt)]
        return MetStandstill(f"{reasons[0]}; the case saw: {error}") if reasons else error

    async def bars(self, system: System, *, for_one: bool) -> MetStandstill | None:
        """Why it is no use to play a case on the target now: no worker of it begins a job.

        `for_one`: one worker that does not is enough.
        """
        if self._given_up:
            return MetStandstill(self._given_up)
        stopped = [one for one in self._records.values() if one.standstill is not None]
        least = 1 if for_one else len(system.workers)
        if system is not self._system or len(stopped) < least:
            return None
        now = time.monotonic()
        looks = await asyncio.gather(*(self._look(one, now) for one in stopped))
        found = [one for one in looks if one is not None]
        return MetStandstill(f"not played: {found[0]}") if len(found) >= least else None

    async def _look(self, record: _Record, since: float) -> Standstill | None:
        """The worker's standstill, if it has stopped and begins no job that is submitted now.

        A look that began after `since`, or that found a standstill a short time ago, will do.
        """
        async with record.turn:
            fresh = record.standstill is not None and since - record.seen_at < _FRESH_S
            if record.begun is not None and not fresh and record.looked_at < since:
                record.looked_at = time.monotonic()
                await self._look_again(record)
                record.seen_at = time.monotonic()
            return record.standstill

    async def _meet(self, record: _Record) -> None:
        system = self._system
        assert system is not None
        asked_s = system.history.now_s()
        within_s = system.within(PLAIN)
        outcome = await _apart(start_plain_job(system, record.worker, within_s=within_s))
        if outcome is StartOutcome.BEGUN:
            record.has_begun((asked_s, ""))

    async def _look_again(self, record: _Record) -> None:
        system = self._system
        assert system is not None
        asked_s = system.history.now_s()
        within_s = system.timings.recovery_s
        outcome = await _apart(start_plain_job(system, record.worker, within_s=within_s))
        strain, record.doubt = self._meter.since(record.looked_at), ""
        if outcome is StartOutcome.BEGUN:
            record.has_begun((asked_s, ""))
            record.standstill = None
        elif outcome is StartOutcome.NOT_BEGUN and record.standstill is None:
            if strain.severe:
                record.doubt = f"{strain} while worker {record.worker} began no plain job"
                return
            record.standstill = record.stands_still_since(asked_s)
            self.seen.append(record.standstill)


def _was_looked_at(job: Job, operations: Iterable[Operation]) -> bool:
    read = any(one.job == job.id and one.kind in READING for one in operations)
    return read or job.probe.witnessed


async def _apart(look: Coroutine[Any, Any, PlainStart]) -> StartOutcome:
    """What a look comes to that is no part of the case that led to it."""
    case, jobs = current_case.set(""), jobs_of_case.set(None)
    try:
        return (await look).outcome
    except QueueproofError:
        return StartOutcome.UNKNOWN
    finally:
        current_case.reset(case)
        jobs_of_case.reset(jobs)


def _short(case: str) -> str:
    """A case's name without its file."""
    return case.rpartition("::")[2] or "the run itself"
