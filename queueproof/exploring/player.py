"""Plays one schedule on a deployment and records what is observed; it judges nothing.

Steps follow one another at once, streams are read in the background. At the end it goes on
looking until everything that the schedule asked for could be judged: a cancelled job must have
been silent for a while, or have worked beyond its bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import httpx

from queueproof.errors import Inconclusive, QueueproofError
from queueproof.exploring.patience import overdue, settled, stop_s
from queueproof.exploring.reading import Reader
from queueproof.exploring.record import Act, JobSeen, Record, StreamSeen
from queueproof.exploring.shapes import GIVE_UP_S, probe_of, span_s
from queueproof.exploring.steps import Kind, Step
from queueproof.exploring.worker_disturbance import disturb
from queueproof.faults.shared.foreign_keys import refuse_where_foreign
from queueproof.history import Outcome
from queueproof.targets.job import Job, is_over
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.system import System
from queueproof.targets.worker import ANY_WORKER, Worker
from queueproof.waiting import eventually

_CACHE_INDEX = 0
_SETTLED_WITHIN_S = 60.0
_LOOK_S = 0.1
_POLL_PAUSE_S = 0.02
_ATTEND_EVERY_S = 0.7
_ANSWER_HEAD_S = 0.3
_POLLS = (Kind.POLL, Kind.GIVE_UP)


class Player:
    """One play of one schedule."""

    def __init__(self, system: System, *, witnessed: bool) -> None:
        self.system = system
        self.record = Record(timings=system.timings, witnessed=witnessed)
        self.handles: dict[int, Job] = {}
        self.readers: dict[int, Reader] = {}
        self._workers = system.workers
        self._step = 0

    async def play(self, schedule: Sequence[Step]) -> Record:
        """Play every step, look until all is settled, leave nothing behind."""
        try:
            for self._step, step in enumerate(schedule, 1):
                await _DO[step.kind](self, step)
            await self._settle()
        finally:
            await self._tidy()
        return self.record

    def worker(self, letter: str) -> Worker:
        """The worker behind a letter, or the next one that was not killed.

        With fewer workers than letters, they begin again. Where all were killed it is one that has
        come since; raises Inconclusive without any, since a connection to a killed one never comes.
        """
        killed = {t.via for t in self.record.disturbances if t.kind is Kind.KILL}
        first, many = ord(letter) - ord("a"), len(self._workers)
        turns = [(first + turn) % many for turn in range(many)]
        alive = [turn for turn in turns if chr(ord("a") + turn) not in killed]
        if alive:
            return self._workers[alive[0]]
        successors = [worker for worker in self.system.workers if worker not in self._workers]
        if not successors:
            raise Inconclusive(f"of {many} workers that were known none is left to be asked")
        return successors[0]

    @property
    def now_s(self) -> float:
        """The history's clock."""
        return self.system.history.now_s()

    # -- steps -----------------------------------------------------------------------------

    async def submit(self, step: Step) -> None:
        probe = probe_of(step.what, self.record.timings, witnessed=self.record.witnessed)
        asked_s = self.now_s
        job, reply = await self.system.try_submit(probe, via=self.worker(step.via))
        self._note(step, asked_s, reply, accepted=job is not None)
        if job is not None:
            self.handles[step.job] = job
            self.record.jobs[step.job] = JobSeen(
                number=step.job,
                id=job.id,
                probe=probe,
                owner=self._letter(job.owner),
                asked_s=asked_s,
                answered_s=self.now_s,
            )

    async def poll(self, step: Step) -> None:
        if step.job in self.handles:
            await self._poll_once(step, step.via)

    async def give_up(self, step: Step) -> None:
        if step.job in self.handles:
            await self._poll_once(step, step.via, within_s=GIVE_UP_S)

    async def _poll_once(self, step: Step, via: str, *, within_s: float | None = None) -> Act:
        asked_s = self.now_s
        reply = await self.system.poll(
            self.handles[step.job], via=self.worker(via), within_s=within_s
        )
        given_up = within_s is not None and not reply.answered
        kind = Kind.GIVE_UP if given_up else Kind.POLL
        return self._note(
            Step(kind, job=step.job, via=via),
            asked_s,
            reply,
            accepted=reply.status == 200,
            events=reply.events,
            given_up=given_up,
        )

    async def poll_out(self, step: Step) -> None:
        """Until the end is told; once, where it had been told before."""
        if step.job not in self.handles:
            return
        turn, since_s = 0, self.now_s
        told = any(is_over(act.events) for act in self.record.acts_of(step.job, *_POLLS))
        while not self._overdue(step.job, since_s):
            act = await self._poll_once(step, step.via[turn % len(step.via)])
            turn += 1
            if told or act.status != 200 or is_over(act.events):
                return
            await asyncio.sleep(_POLL_PAUSE_S)
        self.record.unfinished.append((step.job, step.via))

    async def attend(self, step: Step) -> None:
        """Until the job is over, or has worked beyond every bound of a cancel."""
        if step.job not in self.handles:
            return
        until_s = self.now_s + stop_s(self.record) + 2 * _LOOK_S
        while self.now_s < until_s and self._sight(step.job).done_s is None:
            act = await self._poll_once(step, step.via, within_s=GIVE_UP_S)
            if is_over(act.events):
                return
            await asyncio.sleep(_ATTEND_EVERY_S)

    async def stream(self, step: Step) -> None:
        if step.job not in self.handles:
            return
        seen = StreamSeen(number=step.stream, job=step.job, via=step.via, asked_s=self.now_s)
        self.record.streams[step.stream] = seen
        reader = Reader(seen, self.handles[step.job], self.worker(step.via))
        self.readers[step.stream] = reader
        await reader.answered(within_s=_ANSWER_HEAD_S)

    async def read_out(self, step: Step) -> None:
        reader = self.readers.get(step.stream)
        if reader is None:
            return
        since_s = self.now_s
        while not await reader.ended(within_s=_LOOK_S):
            seen = reader.seen
            if seen.answered_s is None:
                continue  # it may still wait for a connection to its worker: the reader tells
            if self._overdue(seen.job, max(since_s, seen.answered_s)):
                seen.overdue = True
                return

    async def drop(self, step: Step) -> None:
        reader = self.readers.get(step.stream)
        if reader is not None:
            await reader.drop()

    async def cancel(self, step: Step) -> None:
        if step.job in self.handles:
            asked_s = self.now_s
            reply = await self.system.cancel(self.handles[step.job], via=self.worker(step.via))
            self._note(step, asked_s, reply, accepted=reply.claims_success)

    async def wait(self, step: Step) -> None:
        await asyncio.sleep(span_s(step.what, self.record.timings))

    async def intrude(self, step: Step) -> None:
        if step.job not in self.handles:
            return
        asked_s = self.now_s
        reply = await self._try(self.handles[step.job], step, Role.OTHER)
        self._note(step, asked_s, reply, accepted=reply.status == 200)

    async def stranger(self, step: Step) -> None:
        asked_s = self.now_s
        reply = await self._try(self.system.unknown_job(), step, Role.USER)
        self._note(step, asked_s, reply, accepted=reply.status == 200)

    async def _try(self, job: Job, step: Step, role: Role) -> Reply:
        worker = self.worker(step.via)
        if step.what == "cancel":
            return await self.system.cancel(job, via=worker, role=role)
        if step.what == "monitor":
            return await self.system.monitor(via=worker, role=role)
        if step.what == "poll":
            return await self.system.poll(job, via=worker, role=role)
        bound_s = self.system.timings.poll_hold_s + self.system.patience_s
        try:
            async with self.system.stream(
                job, via=worker, role=role, answer_within_s=bound_s
            ) as stream:
                return stream.reply
        except (Inconclusive, httpx.HTTPError) as trouble:
            return Reply(outcome=Outcome.UNKNOWN, detail=str(trouble))

    async def look(self, step: Step) -> None:
        asked_s = self.now_s
        reply = await self.system.monitor(via=self.worker(step.via))
        self._note(step, asked_s, reply, accepted=reply.status == 200, body=reply.body)

    async def flush(self, _: Step) -> None:
        if self.system.redis is not None:
            await refuse_where_foreign(self.system.redis, (_CACHE_INDEX,))
            await self.system.redis.client(_CACHE_INDEX).flushdb()
            self.system.history.note("fault", "the cache's index was flushed")
            if self.record.flushed_s is None:
                self.record.flushed_s = self.now_s

    async def disturb(self, step: Step) -> None:
        await disturb(self.system, self.worker(step.via), step, self.record)

    # -- the end ---------------------------------------------------------------------------

    def _overdue(self, number: int, since_s: float) -> bool:
        probe = self._sight(number).probe
        within_s = self.system.within(probe)
        return overdue(self.record, number, since_s, now_s=self.now_s, within_s=within_s)

    async def _settle(self) -> None:
        """Look until every job that had to stop is silent, or has worked beyond its bound."""

        async def all_settled() -> bool:
            return all(
                settled(self.record, self._sight(number), now_s=self.now_s)
                for number in self.handles
            )

        await eventually(all_settled, bool, within_s=_SETTLED_WITHIN_S)
        self.record.until_s = self.now_s
        self.record.jobs.update({number: self._sight(number) for number in self.handles})

    def _sight(self, number: int) -> JobSeen:
        """The job with everything the witness has heard of it until now."""
        seen = self.record.jobs[number]
        sightings = [(s.tick, s.at_s) for s in self.handles[number].sightings]
        seen.sightings[:] = sightings
        return seen

    # -- recording -------------------------------------------------------------------------

    def _note(self, step: Step, asked_s: float, reply: Reply, **more: object) -> Act:
        act = Act(
            step=self._step,
            kind=step.kind,
            via=step.via,
            job=step.job,
            what=step.what,
            asked_s=asked_s,
            ended_s=self.now_s,
            status=reply.status,
            detail=reply.detail,
            **more,  # type: ignore[arg-type]  # the callers' few words for one record
        )
        self.record.acts.append(act)
        return act

    def _letter(self, worker: Worker) -> str:
        """The letter that schedules use for a worker; `?` when workers are not told apart."""
        if worker == ANY_WORKER or worker not in self._workers:
            return "?"
        return chr(ord("a") + self._workers.index(worker))

    async def _tidy(self) -> None:
        await asyncio.gather(*(reader.drop(tidying=True) for reader in self.readers.values()))
        leftovers = [
            job for number, job in self.handles.items() if self._sight(number).done_s is None
        ]
        await asyncio.gather(*(_cancel_quietly(job) for job in leftovers))


async def _cancel_quietly(job: Job) -> None:
    with suppress(QueueproofError, TimeoutError, OSError):
        await job.system.cancel(job)


_DO: dict[Kind, Callable[[Player, Step], Awaitable[None]]] = {
    Kind.SUBMIT: Player.submit,
    Kind.POLL: Player.poll,
    Kind.GIVE_UP: Player.give_up,
    Kind.POLL_OUT: Player.poll_out,
    Kind.ATTEND: Player.attend,
    Kind.STREAM: Player.stream,
    Kind.READ_OUT: Player.read_out,
    Kind.DROP: Player.drop,
    Kind.CANCEL: Player.cancel,
    Kind.WAIT: Player.wait,
    Kind.INTRUDE: Player.intrude,
    Kind.STRANGER: Player.stranger,
    Kind.LOOK: Player.look,
    Kind.FLUSH: Player.flush,
    Kind.KILL: Player.disturb,
    Kind.PAUSE: Player.disturb,
}
