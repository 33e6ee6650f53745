"""A deployment under test: its adapter, its workers, its declared timings, and the operations a
case performs on it, each recorded in the history.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from queueproof.clock import waiting_for
from queueproof.config.model import TargetConfig, Timings
from queueproof.config.promises import Promises
from queueproof.errors import Inconclusive, NotAssessed, TargetUnreachable
from queueproof.history import History
from queueproof.own_waits import told_of_waits
from queueproof.probe import Probe
from queueproof.targets.contracts import contract_named
from queueproof.targets.fleet import Fleet
from queueproof.targets.http import ConnectionLost
from queueproof.targets.job import Job
from queueproof.targets.open_stream import OpenStream, StreamLost, StreamUnanswered
from queueproof.targets.operation_log import OperationLog, conclude
from queueproof.targets.protocol import (
    Adapter,
    CancelReply,
    MonitorReply,
    PollReply,
    Reply,
    Role,
    SubmitReply,
)
from queueproof.targets.sparing import SparedStarts
from queueproof.targets.vantage import Vantage
from queueproof.targets.witness import Witness
from queueproof.targets.worker import ANY_WORKER, Worker
from queueproof.targets.worker_programs import WorkerProgram

if TYPE_CHECKING:
    from queueproof.executors.workforce import Workforce
    from queueproof.processes.process_view import ProcessView
    from queueproof.targets.redis_view import RedisView

R = TypeVar("R", bound=Reply)

#: Jobs submitted by the running case, for tidying up behind it.
jobs_of_case: ContextVar[list[Job] | None] = ContextVar("jobs_of_case", default=None)


class System:
    """One running deployment, as cases see it."""

    def __init__(
        self,
        *,
        adapter: Adapter,
        fleet: Fleet,
        timings: Timings,
        history: History,
        witness: Witness,
        redis: RedisView | None = None,
        processes: ProcessView | None = None,
        workforce: Workforce | None = None,
        crew: tuple[WorkerProgram, ...] = (),
    ) -> None:
        self.adapter = adapter
        self.fleet = fleet
        self.timings = timings
        self.history = history
        self.witness = witness
        self.redis = redis
        self.redis_reason = ""
        #: Whether jobs report to nobody, since it is not known whether the witness hears them.
        self.unheard = False
        #: Whether results alone tell that jobs were run, since no witness hears them.
        self.told_by_results = False
        self.processes = processes
        self.workforce = workforce
        self.crew = crew
        self._log = OperationLog(history, fleet)
        #: What a target that a mapping describes promises; None where a document does.
        self.promises: Promises | None = None
        self.health_path = ""
        #: How many jobs all of its workers run at the same time, where that is declared.
        self.slots: int | None = None
        #: How many jobs one of them runs at the same time.
        self.slots_a_worker = 1
        #: Keeps cancels away from where they may harm those who use the target besides.
        self.spared: SparedStarts | None = None
        #: Whether this run has launched it, so that nobody else can use it.
        self.is_ours = False
        #: Workers that cases have ended and whose successors have not been met yet.
        self.vacancies = 0

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers found, in the order of their letters."""
        return self.fleet.workers

    @property
    def pairs(self) -> dict[tuple[str, str, str], int]:
        """How often each operation was asked of a worker, by that of the job."""
        return self._log.pairs

    def declare(self, config: TargetConfig) -> None:
        """What its description says of it besides how it is reached."""
        self.promises = config.promises
        self.health_path = config.mapping.health if config.mapping else ""
        self.slots = config.workers * config.worker_slots if config.workers else None
        self.slots_a_worker = config.worker_slots
        settle_s = contract_named(config.contract).cancel_settles_s
        self.spared = SparedStarts(settle_s) if settle_s and not config.disposable else None

    def withhold_redis(self, reason: str) -> None:
        """Without Redis from now on, if there is a reason why the one that was given is no
        evidence.
        """
        if reason:
            self.redis, self.redis_reason = None, reason

    def others(self, worker: Worker) -> list[Worker]:
        """All workers but one."""
        return [other for other in self.workers if other != worker]

    # -- operations ------------------------------------------------------------------------

    async def submit(
        self, probe: Probe, *, via: Worker | None = None, role: Role = Role.USER
    ) -> Job:
        """Start a probe job; its owner is the worker that accepted it.

        Raises Inconclusive when the target does not accept it: a case that needs a job cannot
        be settled without one.
        """
        job, reply = await self.try_submit(probe, via=via, role=role)
        if job is None:
            raise Inconclusive(f"the target did not accept the probe job: {reply.words}")
        return job

    async def try_submit(
        self,
        probe: Probe,
        *,
        via: Worker | None = None,
        role: Role = Role.USER,
        key: str | None = None,
        within_s: float | None = None,
    ) -> tuple[Job | None, SubmitReply]:
        """Submit and return whatever came of it."""
        key = key or uuid.uuid4().hex
        probe = replace(probe, witnessed=False) if self.unheard else probe
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation("submit", vantage, role=role, via=via) as operation:
                operation.asked |= asdict(probe)
                reply = await self.adapter.submit(
                    vantage, probe, key=key, role=role, within_s=within_s or self.patience_s
                )
                conclude(operation, reply)
                operation.job = reply.job_id
                owner = self._taker_of(reply, vantage)
                if reply.own_connection:
                    operation.worker = owner.label if owner.key else None
        if reply.job_id is None:
            return None, reply
        job = Job(
            id=reply.job_id,
            key=key,
            probe=probe,
            owner=owner,
            submitted_s=operation.invoked_s,
            system=self,
        )
        submitted = jobs_of_case.get()
        if submitted is not None:
            submitted.append(job)
        return job, reply

    def _taker_of(self, reply: SubmitReply, vantage: Vantage) -> Worker:
        """The worker that a submit reached: on a connection of its own that is the one that says
        so, where the address may lead to several.
        """
        certain = len(self.workers) == 1 or self.fleet.one_worker_a_url
        if reply.own_connection and not certain:
            return self.fleet.giver_of(vantage)
        return self.fleet.worker_of(vantage)

    async def submit_unknown_flow(self, *, via: Worker | None = None) -> Reply:
        """Submit for a flow that does not exist."""
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation("submit", vantage, via=via) as operation:
                reply = await self.adapter.submit_unknown_flow(vantage, within_s=self.patience_s)
                conclude(operation, reply)
        return reply

    def unknown_job(self) -> Job:
        """A handle on a job that never existed."""
        return Job(
            id=str(uuid.uuid4()),
            key=uuid.uuid4().hex,
            probe=Probe(),
            # None may be known just now: the last one met was killed.
            owner=next(iter(self.workers), ANY_WORKER),
            submitted_s=self.history.now_s(),
            system=self,
        )

    async def log_in_again(self, *, via: Worker | None = None, correctly: bool) -> Reply | None:
        """Log in as the run's user once more (see Adapter.log_in_again)."""
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation("login", vantage, via=via) as operation:
                reply = await self.adapter.log_in_again(
                    vantage, correctly=correctly, within_s=self.patience_s
                )
                if reply is not None:
                    conclude(operation, reply)
        return reply

    async def poll(
        self,
        job: Job,
        *,
        via: Worker | None = None,
        role: Role = Role.USER,
        within_s: float | None = None,
        after: str | None = None,
    ) -> PollReply:
        """One poll; by default it may be held as long as the target declares."""
        bound_s = within_s or self.timings.poll_hold_s + self.patience_s
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation("poll", vantage, job, role=role, via=via) as operation:
                reply = await self.adapter.poll(
                    vantage, job.id, role=role, within_s=bound_s, after=after
                )
                conclude(operation, reply)
                operation.events.extend(reply.events)
        return reply

    @asynccontextmanager
    async def stream(
        self,
        job: Job,
        *,
        via: Worker | None = None,
        role: Role = Role.USER,
        silence_s: float = 300.0,
        answer_within_s: float | None = None,
    ) -> AsyncIterator[OpenStream]:
        """Open a stream; leaving the context drops its connection, as a closed tab does.

        Raises StreamUnanswered when no answer to the request begins in time, StreamLost when the
        connection breaks before. A target may answer only with the first event.
        """
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation("stream", vantage, job, role=role, via=via) as operation:
                worker = self.fleet.worker_of(vantage)
                opening = self.adapter.stream(vantage, job.id, role=role, within_s=silence_s)
                bound_s = answer_within_s or self.patience_s
                waiting_for(bound_s)
                try:
                    async with asyncio.timeout(bound_s) as bound:
                        with told_of_waits(lambda wait_s: _put_off(bound, wait_s)):
                            opened = await opening.__aenter__()
                except TimeoutError:
                    raise StreamUnanswered(
                        f"the request for a stream was not answered within {bound_s:.1f} s"
                    ) from None
                except httpx.HTTPError as error:
                    raise StreamLost(
                        f"the request for a stream was not answered: {type(error).__name__}",
                        reused=isinstance(error, ConnectionLost) and error.reused,
                    ) from error
                try:
                    conclude(operation, opened.reply)
                    self._log.expect_answer_of(worker, vantage, operation, via=via)
                    yield OpenStream(job, opened.reply, worker, opened.events, operation)
                finally:
                    if self.spared is not None:
                        await self.spared.unhurried(job)
                    await opening.__aexit__(None, None, None)

    async def cancel(
        self,
        job: Job,
        *,
        via: Worker | None = None,
        role: Role = Role.USER,
        within_s: float | None = None,
    ) -> CancelReply:
        """Ask for the job to be cancelled, when that spares a target which others use."""
        if self.spared is not None:
            await self.spared.settled(job)
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation("cancel", vantage, job, role=role, via=via) as operation:
                reply = await self.adapter.cancel(
                    vantage, job.id, role=role, within_s=within_s or self.patience_s
                )
                conclude(operation, reply)
                operation.facts["claims_success"] = reply.claims_success
        if self.spared is not None:
            self.spared.answered(job)
        return reply

    async def perform(
        self,
        kind: str,
        request: Callable[[Vantage], Awaitable[R]],
        *,
        job: Job | None = None,
        asked: Mapping[str, Any] | None = None,
        via: Worker | None = None,
        told: Callable[[R], Mapping[str, Any]] | None = None,
    ) -> R:
        """One request of a contract's own, recorded under `kind`: what was `asked`, and `told`."""
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation(kind, vantage, job, via=via) as operation:
                operation.asked |= asked or {}
                reply = await request(vantage)
                conclude(operation, reply)
                operation.facts |= told(reply) if told else {}
        return reply

    async def monitor(
        self,
        *,
        via: Worker | None = None,
        role: Role = Role.ADMIN,
        within_s: float | None = None,
    ) -> MonitorReply:
        """The monitor of one worker; raises NotAssessed where nobody may read it."""
        if not self.adapter.has(role):
            raise NotAssessed(f"needs the token of {role.value} to read the monitor")
        async with self.fleet.vantage(via) as vantage:
            with self._log.operation("monitor", vantage, via=via) as operation:
                reply = await self.adapter.monitor(
                    vantage, role=role, within_s=within_s or self.patience_s
                )
                conclude(operation, reply)
                operation.facts["monitor"] = reply.body
                if vantage.worker is not None:
                    operation.facts["process"] = vantage.worker
        return reply

    async def monitors(self) -> dict[Worker, MonitorReply]:
        """The monitor of every worker, read side by side."""
        workers = self.workers  # one more may be met meanwhile
        replies = await asyncio.gather(*(self.monitor(via=worker) for worker in workers))
        return dict(zip(workers, replies, strict=True))

    async def healthy(self) -> bool:
        """Whether the deployment answers at all, at one of its URLs.

        On connections of its own: those that are kept may lead to what goes away just now.
        """
        for url in self.fleet.addresses.urls:
            fresh = Vantage(url)
            try:
                if (await self.adapter.ping(fresh)).answered:
                    return True
            except TargetUnreachable:
                continue
            finally:
                await fresh.close()
        return False

    def lost_on_kept(self, case: str, *, since: float) -> str:
        """What a case lost after an instant of the monotonic clock together with a connection that
        had been kept, in words; else empty.
        """
        at, told = self._log.lost_on_kept.get(case, (0.0, ""))
        return told if at >= since else ""

    # -- deadlines -------------------------------------------------------------------------

    @property
    def patience_s(self) -> float:
        """How long the harness itself waits for an answer: longer than the declared bound."""
        return self.timings.answer_s + 1.0

    def within(self, probe: Probe) -> float:
        """A deadline for everything a probe job does, and for it to be told.

        It is generous: a busy machine must not turn into an accusation.
        """
        return probe.duration_s * 1.5 + 2 * self.timings.answer_s + 2.0


def _put_off(bound: asyncio.Timeout, wait_s: float) -> None:
    """Add to a bound what the harness itself waits."""
    expires_s = bound.when()
    if expires_s is not None:
        bound.reschedule(expires_s + wait_s)
