"""Clients in an outage: each carries out one errand, as stubbornly as a real client.

A refused or unanswered submit is tried again as a new job; a refused poll or a broken stream is
tried again on the next replica; a cancel is repeated until it succeeds. Everything is recorded,
judged is elsewhere. A client gives up only some time after an outage must be over.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import cycle

import httpx

from queueproof.chaos.phases import Phases
from queueproof.chaos.plan import Errand
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING
from queueproof.errors import QueueproofError, TargetUnreachable
from queueproof.history import Event, EventKind, current_facts
from queueproof.targets.generic.probe_values import answer_of
from queueproof.targets.job import Job, is_over
from queueproof.targets.open_stream import OpenStream, StreamLost, StreamUnanswered
from queueproof.targets.statuses import RESULT_KEPT, result
from queueproof.targets.system import System
from queueproof.targets.worker import Worker

_PAUSE_S = 0.4
_POLL_PAUSE_S = 0.15
_SLICE_S = 0.5
_BARE_ENDS = 2
_AGAIN_S = 4.0
_POLLS_AGAIN = 3
_GONE = (404, 410)
_MARGIN_S = 3.0


class Client:
    """Carries out one errand."""

    def __init__(self, errand: Errand, system: System, phases: Phases) -> None:
        self.errand = errand
        self.system = system
        self.phases = phases
        self.keys: list[str] = []
        self.has_read = asyncio.Event()
        self._asked_to_cancel = False
        self._completed = False

    async def run(self) -> None:
        """The whole errand; returns when nothing is left to do or to hope for."""
        await self.phases.reach(self.errand.phase, self.errand.at_s)
        job = await self._submit()
        if job is None:
            return
        cancelling = asyncio.create_task(self._cancel(job))
        try:
            await self._read(job)
            self.has_read.set()
            await self._ask_result(job, within_s=self.system.timings.recovery_s)
            if self.errand.phase in (BEFORE, DURING):
                await self._read_again(job)
                await self._ask_result(job, within_s=_AGAIN_S)
            if self._asked_to_cancel:
                # The reader may be told before the cancel itself is answered.
                await cancelling
        finally:
            cancelling.cancel()
            await asyncio.gather(cancelling, return_exceptions=True)

    # -- submitting ------------------------------------------------------------------------

    async def _submit(self) -> Job | None:
        began = time.monotonic()
        while True:
            job = await self._try_submit()
            if job is not None or not self._may_try_again(began):
                return job
            await asyncio.sleep(_PAUSE_S)

    def _may_try_again(self, began: float) -> bool:
        if self.errand.phase in (BEFORE, AFTER):
            return False
        bound_s = self.system.timings.recovery_s + _MARGIN_S
        return self.phases.left_s(began, bound_s=bound_s) > 0

    async def _try_submit(self) -> Job | None:
        key, probe = uuid.uuid4().hex, self.errand.probe
        self.keys.append(key)
        self._facts(key=key, ticks=len(probe.expected_ticks), lasts_s=self.errand.lasts_s)
        within_s = self.system.timings.outage_answer_s + 2.0
        via = self.system.workers[self.errand.via]
        try:
            job, _ = await self.system.try_submit(probe, via=via, key=key, within_s=within_s)
        except TargetUnreachable:
            return None
        return job

    # -- reading ---------------------------------------------------------------------------

    async def _read(self, job: Job) -> None:
        self._facts()
        ways = {"poll": [self._poll], "stream": [self._stream], "both": [self._poll, self._stream]}
        await asyncio.gather(*(way(job) for way in ways[self.errand.read]))

    async def _poll(self, job: Job) -> None:
        turns, accepted = self._turns(), time.monotonic()
        timings = self.system.timings
        within_s = timings.poll_hold_s + timings.outage_answer_s + 2.0
        while self._left_s(accepted) > 0:
            try:
                reply = await self.system.poll(job, via=next(turns), within_s=within_s)
            except TargetUnreachable:
                await asyncio.sleep(_PAUSE_S)
                continue
            if reply.status in _GONE or is_over(reply.events):
                self._completed = _says_completed(reply.events)
                return
            await asyncio.sleep(_POLL_PAUSE_S if reply.status == 200 else _PAUSE_S)

    async def _stream(self, job: Job) -> None:
        """Streams until one tells the end; a bare end is believed the second time."""
        turns, accepted, bare = self._turns(), time.monotonic(), 0
        while self._left_s(accepted) > 0 and bare < _BARE_ENDS:
            how = await self._one_stream(job, next(turns), accepted)
            if how in ("told", "gone"):
                return
            bare += how == "clean"
            await asyncio.sleep(_PAUSE_S)

    async def _one_stream(self, job: Job, via: Worker, accepted: float) -> str:
        """How one stream ended: told, clean, broken, refused, gone, or left open too long."""
        bound_s = self.system.timings.outage_answer_s + self.system.timings.startup_grace_s + 2.0
        try:
            async with self.system.stream(job, via=via, answer_within_s=bound_s) as stream:
                if stream.reply.status != 200:
                    return "gone" if stream.reply.status in _GONE else "refused"
                return await self._drain(stream, accepted)
        except (httpx.HTTPError, StreamLost, StreamUnanswered, TargetUnreachable):
            return "broken"

    async def _drain(self, stream: OpenStream, accepted: float) -> str:
        """Read one stream to its end, leaving it only when the bound on the job is over."""
        linger_until = float("inf")
        while True:
            following = asyncio.ensure_future(stream.next_event(within_s=1e6))
            try:
                while not following.done():
                    left_s = min(self._left_s(accepted), linger_until - time.monotonic())
                    if left_s <= 0:
                        return "told" if is_over(stream.events) else "open"
                    await asyncio.wait({following}, timeout=min(_SLICE_S, left_s))
            finally:
                if not following.done():
                    following.cancel()
                    await asyncio.gather(following, return_exceptions=True)
            event = following.result()
            if event is None:
                told = any(e.kind in _TELLING for e in stream.events)
                return "told" if told else "clean"
            if is_over([event]):
                linger_until = time.monotonic() + self.system.timings.answer_s

    async def _ask_result(self, job: Job, *, within_s: float) -> None:
        """What a job computed that is told to have completed, until it is told."""
        if not self._completed or "result" not in self.system.adapter.operations:
            return
        wanted = answer_of(job.key, job.probe)
        self._facts(wanted=wanted[:RESULT_KEPT])
        deadline_s = time.monotonic() + within_s
        while True:
            with suppress(QueueproofError):
                if str((await result(job)).result) == wanted:
                    return
            if time.monotonic() >= deadline_s:
                return
            await asyncio.sleep(_PAUSE_S)

    async def _until_quiet(self) -> None:
        await self.phases.reach(AFTER)

    async def _read_again(self, job: Job) -> None:
        """Once all is quiet, another reader asks how the job ended."""
        await self._until_quiet()
        age_s = self.system.history.now_s() - job.submitted_s - self.errand.lasts_s
        if age_s > 0.7 * self.system.timings.stream_ttl_s:
            return
        self._facts(again=True)
        other = self.system.workers[self.errand.cancel_via]
        if self.system.promises is not None:
            await self._poll_again(job, other)
            return
        try:
            async with asyncio.timeout(_AGAIN_S), self.system.stream(job, via=other) as stream:
                while await stream.next_event(within_s=_AGAIN_S) is not None:
                    pass
        except (TimeoutError, httpx.HTTPError, QueueproofError):
            return

    async def _poll_again(self, job: Job, via: Worker) -> None:
        """A few polls: where a status tells the end, the first one may not yet."""
        for _ in range(_POLLS_AGAIN):
            try:
                reply = await self.system.poll(job, via=via, within_s=_AGAIN_S)
            except QueueproofError:
                return
            if reply.status in _GONE:
                self._completed = False  # nor is there a result of what is not known any more
                return
            if is_over(reply.events):
                return

    def _left_s(self, accepted: float) -> float:
        """How long this client goes on hoping."""
        timings, promises = self.system.timings, self.system.promises
        bound_s = (
            2.5 * self.errand.lasts_s
            + timings.recovery_s
            + max(timings.owner_death_s, promises.redelivery_s if promises else 0.0)
            + timings.answer_s
            + _MARGIN_S
        )
        return self.phases.left_s(accepted, bound_s=bound_s)

    def _turns(self) -> Iterator[Worker]:
        """The replicas that this client reads from, in turn, its own choice first."""
        workers = self.system.workers
        first = max(self.errand.read_via, 0)
        return cycle((*workers[first:], *workers[:first]))

    # -- cancelling ------------------------------------------------------------------------

    async def _cancel(self, job: Job) -> None:
        if not self.errand.cancel_in:
            return
        await self.phases.reach(self.errand.cancel_in, self.errand.cancel_at_s)
        self._facts()
        self._asked_to_cancel = True
        began = time.monotonic()
        within_s = self.system.timings.outage_answer_s + 2.0
        via = self.system.workers[self.errand.cancel_via]
        while self._left_s(began) > 0:
            try:
                reply = await self.system.cancel(job, via=via, within_s=within_s)
            except TargetUnreachable:
                await asyncio.sleep(_PAUSE_S)
                continue
            if reply.claims_success or reply.status in _GONE:
                return
            await asyncio.sleep(_PAUSE_S)

    def _facts(self, **more: object) -> None:
        """What every operation from here on carries."""
        current_facts.set({"errand": self.errand.number, **more})


def _says_completed(events: Iterable[Event]) -> bool:
    """Whether the last word is that the job came to a good end."""
    kinds = {event.kind for event in events}
    return EventKind.END in kinds and not kinds & {EventKind.ERROR, EventKind.CANCELLED}


_TELLING = (EventKind.END, EventKind.ERROR, EventKind.CANCELLED)
