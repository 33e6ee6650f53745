"""Jobs with unique names: who was run, and whether a name is free again.

Whose work is done is seen by the witness, where each submit has a key of its own; or by the result,
which is computed of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from queueproof.config.deadlines import recovered_within_s
from queueproof.errors import Inconclusive
from queueproof.expectations import expect_that
from queueproof.probe import Probe
from queueproof.targets.answers import Kind
from queueproof.targets.job import Ending, Job
from queueproof.targets.outcomes import was_run
from queueproof.targets.protocol import Reply
from queueproof.targets.reading import read_job
from queueproof.targets.statuses import status
from queueproof.targets.system import System
from queueproof.targets.worker import Worker
from queueproof.waiting import eventually

_AGAIN_EVERY_S = 1.0
_BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)


class Asked(NamedTuple):
    """One submit, and where the witness knows it from."""

    target: System
    key: str
    job: Job | None
    reply: Reply

    @property
    def at_s(self) -> list[float]:
        """When it did its ticks."""
        return [seen.at_s for seen in self.target.witness.sightings(self.key)]

    @property
    def settled(self) -> bool:
        """Whether it was taken or refused; of one that was answered otherwise nobody knows."""
        return self.reply.kind in (Kind.SUCCESS, Kind.REFUSAL)

    async def was_run(self) -> bool:
        """Whether it was run, whoever else bears its id."""
        return bool(self.at_s) if self.job is None else await was_run(self.job)


async def expect_free(first: Job, name: str, *, after: str, late_s: float = 0.0) -> None:
    """Another job of that name is run; raises Violation where none is.

    Submitted again and again, since a name may be set free a moment after an end is told, and so
    much later besides.
    """
    target, asked = first.system, list[Asked]()

    async def run() -> bool:
        if not asked or target.history.now_s() > since_s + _AGAIN_EVERY_S * len(asked):
            asked.append(await ask(target, named(_BRIEF, name), None))
        return any([await one.was_run() for one in asked])

    since_s = target.history.now_s()
    within_s = recovered_within_s(target.timings) + late_s
    _, free = await eventually(run, bool, within_s=within_s)
    others = [one.job for one in asked if one.job]
    if not free and all(one.reply.kind is Kind.COME_AGAIN for one in asked):
        raise Inconclusive(f"each later submit of that name: {asked[-1].reply.come_again}")
    if not free and any([await tells_no_result(job, beside=first) for job in others]):
        raise Inconclusive("a later job of that name completed, and no result of it was told")
    expect_that(
        free,
        expected=f"a job of the same unique name is run within {within_s:.0f} s after {after}",
        actual=f"none of {len(asked)} that were submitted was run",
        jobs=tuple(one.job for one in asked[:1] if one.job),
    )


async def ask(target: System, probe: Probe, via: Worker | None) -> Asked:
    """A submit that may be refused, or answered with another job's id; with a key of its own."""
    key = uuid.uuid4().hex
    job, reply = await target.try_submit(probe, via=via, key=key)
    return Asked(target, key, job, reply)


def require_settled(asked: Sequence[Asked], *, least: int = 1) -> None:
    """Raise Inconclusive unless so many were taken or refused: no others could have worked."""
    settled = sum(one.settled for one in asked)
    if settled < least:
        words = next((one.reply.words for one in asked if not one.settled), "none was submitted")
        raise Inconclusive(
            f"{settled} of {len(asked)} submits of one name were taken or refused: {words}"
        )


async def tells_no_result(job: Job, *, beside: Job) -> bool:
    """Whether results should tell that it was run, and are not kept for as long as it takes.

    A submit that was answered with the id of the job `beside` made none.
    """
    if not job.system.told_by_results or job.id == beside.id:
        return False
    return (await status(job)).ending is Ending.COMPLETED


async def require_ended(job: Job, wanted: Ending, *, within_s: float | None = None) -> None:
    """Raise Inconclusive unless the job is told to have ended so."""
    told = (await read_job(job, within_s=within_s)).ending
    if told is not wanted:
        raise Inconclusive(f"the first job was told as {told.value}")


def named(probe: Probe, name: str) -> Probe:
    """The probe under a unique name."""
    return replace(probe, unique=name)


def new_name() -> str:
    """A name that nobody has."""
    return f"queueproof-{uuid.uuid4().hex}"
