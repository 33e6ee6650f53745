"""Clients whose jobs are predictions: they wait for the result, or stream until they have it.

The answer to a submit is the job's only stream. When that breaks, what is left is to look up in
the database what became of the job; nobody can go on reading.
"""

from __future__ import annotations

import asyncio
import time
import uuid

from queueproof.chaos.clients import Client
from queueproof.checkers.outage_history import BEFORE, DURING
from queueproof.errors import TargetUnreachable
from queueproof.history import Event, EventKind, Operation
from queueproof.targets.answers import Kind
from queueproof.targets.job import Ending, Job
from queueproof.targets.predictions import PredictReply, messages, new_job, predict
from queueproof.targets.system import System

_PAUSE_S = 0.4
_LATE = 1.1
_UNAVAILABLE = 503
_TOLD = {
    Ending.COMPLETED: EventKind.END,
    Ending.FAILED: EventKind.ERROR,
    Ending.CANCELLED: EventKind.CANCELLED,
}


class PredictionClient(Client):
    """Carries out one errand on predictions."""

    async def run(self) -> None:
        """The whole errand; returns when nothing is left to do or to hope for."""
        if self.errand.read != "wait":
            return await super().run()
        await self.phases.reach(self.errand.phase, self.errand.at_s)
        began = time.monotonic()
        while True:
            if await self._wait() or not self._may_try_again(began):
                self.has_read.set()
                return None
            await asyncio.sleep(_PAUSE_S)

    async def _wait(self) -> bool:
        """Ask for a result and wait; whether the job was taken on."""
        probe = self.errand.probe
        job = new_job(self.system, probe, key=uuid.uuid4().hex)
        self.keys.append(job.key)
        self._facts(key=job.key, ticks=probe.ticks, lasts_s=probe.duration_s)
        try:
            reply = await self._answer(job)
        except TargetUnreachable:
            return False
        if self.errand.phase in (BEFORE, DURING) and reply.kind is Kind.SUCCESS:
            await self._read_again(job)
        return reply.status is not None and reply.status != _UNAVAILABLE

    async def _answer(self, job: Job) -> PredictReply:
        """The answer, as long as there is hope: what bounds that counts from the heal."""
        asked = asyncio.create_task(predict(job, within_s=self._longest_s()))
        began = time.monotonic()
        try:
            while not asked.done() and self._left_s(began) > 0:
                await asyncio.wait({asked}, timeout=0.5)
        finally:
            if not asked.done():
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)
        operation = self._operation_of(job)
        if asked.cancelled():
            operation.facts["accepted"] = True
            operation.detail = "no answer while there was hope"
            return PredictReply(outcome=operation.outcome, detail=operation.detail)
        reply = asked.result()
        _tell(operation, reply, self.system.history.now_s())
        return reply

    def _operation_of(self, job: Job) -> Operation:
        operations = self.system.history.operations
        return next(op for op in reversed(operations) if op.job == job.id and op.kind == "predict")

    def _longest_s(self) -> float:
        """Longer than any hope: what bounds the wait counts from the heal."""
        return 10 * self._left_s(time.monotonic())

    # -- reading ---------------------------------------------------------------------------

    async def _read(self, job: Job) -> None:
        self._facts()
        accepted = time.monotonic()
        via = self.system.workers[self.errand.via]
        if await self._one_stream(job, via, accepted) == "told":
            return
        due = accepted + _LATE * job.probe.duration_s
        while self.phases.left_s(due, bound_s=self.system.timings.answer_s) > 0:
            if await look_up(self.system, job):
                return
            await asyncio.sleep(_PAUSE_S)

    async def _read_again(self, job: Job) -> None:
        """Once all is quiet, what the database kept must agree with what was told."""
        await self._until_quiet()
        self._facts(again=True)
        # A job that began late ends late: what was asked for too early proves nothing.
        while not await look_up(self.system, job) and self._may_be_kept_yet(job):  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE_S)

    def _may_be_kept_yet(self, job: Job) -> bool:
        last_s = max((seen.at_s for seen in job.sightings), default=0.0)
        return self.system.history.now_s() <= last_s + self.system.timings.answer_s


async def look_up(system: System, job: Job) -> bool:
    """Ask the database for a job's result; whether it has one."""
    with system.history.operation("lookup", job=job.id, worker=system.workers[0].label) as seen:
        try:
            reply = await messages(job)
        except TargetUnreachable:
            return False
        seen.outcome, seen.status = reply.outcome, reply.status
        kept = bool(reply.content("apiMessage"))
        if kept:
            seen.events.append(Event(EventKind.END, system.history.now_s()))
    return kept


def _tell(operation: Operation, reply: PredictReply, at_s: float) -> None:
    """What an answer says of the job: how it ended, that it was refused, or nothing."""
    status = reply.status
    if status is None:
        operation.facts["accepted"] = reply.detail.startswith("no answer")
        return
    accepted = 200 <= status < 300 or (status >= 500 and status != _UNAVAILABLE)
    operation.facts["accepted"] = accepted
    if accepted:
        operation.events.append(Event(_TOLD[reply.ending], at_s))
