"""Operations of contracts whose jobs are predictions: the caller waits for the result itself.

Adapters that offer them list them in `operations`; cases call them through these functions, which
record every one in the history as the operations of `System` are.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, cast

from queueproof.errors import HarnessError, Inconclusive, NotAssessed
from queueproof.probe import Probe
from queueproof.targets.answers import Kind
from queueproof.targets.job import Ending, Job
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.system import System, jobs_of_case
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import ANY_WORKER
from queueproof.targets.worker_programs import WorkerProgram

HEALTH_OF_THE_SERVER = "/api/v1/ping"
HEALTH_OF_A_WORKER = "/healthz"
_BRIEF = Probe(ticks=1, interval_s=0.05)
_CANCELLED = ("cancel", "abort")


@dataclass(frozen=True, kw_only=True)
class PredictReply(Reply):
    """Answer to a blocking prediction; `body` is the result, empty when there is none."""

    body: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The result's text."""
        return str(self.body.get("text", ""))

    @property
    def ending(self) -> Ending:
        """How the caller was told that the job ended."""
        if self.status is None:
            return Ending.SILENT
        if 200 <= self.status < 300:
            return Ending.COMPLETED
        told = any(word in self.detail.lower() for word in _CANCELLED)
        return Ending.CANCELLED if told else Ending.FAILED


@dataclass(frozen=True, kw_only=True)
class MessagesReply(Reply):
    """What the database holds of one chat, oldest first."""

    messages: tuple[dict[str, Any], ...] = ()

    def content(self, role: str) -> list[str]:
        """The contents of the messages of `role` (`userMessage`, `apiMessage`)."""
        return [str(row.get("content")) for row in self.messages if row.get("role") == role]


@dataclass(frozen=True)
class DashboardView:
    """Which jobs the dashboard is asked for; pages count from one, 0 a page is our own choice."""

    status: str = "latest"
    page: int = 1
    per_page: int = 0


@dataclass(frozen=True, kw_only=True)
class DashboardReply(Reply):
    """What the dashboard shows: queues with counts and jobs."""

    queues: tuple[dict[str, Any], ...] = ()

    def jobs(self) -> list[dict[str, Any]]:
        """The jobs of all queues shown."""
        listed = (_list(queue.get("jobs")) for queue in self.queues)
        return [job for jobs in listed for job in jobs if isinstance(job, dict)]

    def job_of(self, key: str) -> dict[str, Any] | None:
        """The job that was asked with `key` as its question."""
        for job in self.jobs():
            if _fields(_fields(job.get("data")).get("incomingInput")).get("question") == key:
                return job
        return None

    def count(self, status: str) -> int:
        """How many jobs of all queues have `status`."""
        counts = (_fields(queue.get("counts")).get(status) for queue in self.queues)
        return sum(count for count in counts if isinstance(count, int))


def _fields(part: Any) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}


def _list(part: Any) -> list[Any]:
    return part if isinstance(part, list) else []


class Predictor(Protocol):
    """What an adapter offers whose `operations` name these."""

    async def ready(self, vantage: Vantage, probe: Probe) -> None:
        """Make the flow that carries `probe`; else the first request for it does."""

    async def predict(
        self, vantage: Vantage, probe: Probe, *, key: str, job_id: str, within_s: float
    ) -> PredictReply:
        """Run a probe job and wait for its result."""

    async def stream_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """Ask for a streamed prediction of a flow that does not exist."""

    async def flows(self, vantage: Vantage, *, role: Role, within_s: float) -> Reply:
        """Ask for the list of flows."""

    async def messages(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> MessagesReply:
        """What the database holds of a job."""

    async def health(self, vantage: Vantage, path: str, *, within_s: float) -> Reply:
        """Ask a program for its health."""

    async def dashboard(
        self, vantage: Vantage, *, role: Role, view: DashboardView, within_s: float
    ) -> DashboardReply:
        """What the dashboard shows of the jobs in `view`."""

    async def dashboard_page(self, vantage: Vantage, *, role: Role, within_s: float) -> Reply:
        """The dashboard's page."""


def predictor(target: System) -> Predictor:
    """The target's adapter; raises HarnessError for one without predictions."""
    if "predict" not in target.adapter.operations:
        raise HarnessError(f"contract {target.adapter.contract} has no predictions")
    return cast(Predictor, target.adapter)


async def make_ready(target: System, probes: Iterable[Probe]) -> None:
    """Make the flows of these probes; raises Inconclusive when the target does not."""
    async with target.fleet.vantage() as vantage:
        for probe in probes:
            await predictor(target).ready(vantage, probe)


def new_job(target: System, probe: Probe, *, key: str = "") -> Job:
    """A handle on a job that is about to be asked for, so that its life can be watched."""
    job = Job(
        id=str(uuid.uuid4()),
        key=key or uuid.uuid4().hex,
        probe=probe,
        owner=ANY_WORKER,
        submitted_s=target.history.now_s(),
        system=target,
    )
    submitted = jobs_of_case.get()
    if submitted is not None:
        submitted.append(job)
    return job


async def predict(job: Job, *, within_s: float | None = None) -> PredictReply:
    """Ask for the job's result and wait for it."""
    target = job.system
    bound_s = within_s or target.within(job.probe)
    return await target.perform(
        "predict",
        lambda vantage: predictor(target).predict(
            vantage, job.probe, key=job.key, job_id=job.id, within_s=bound_s
        ),
        job=job,
        asked=asdict(job.probe),
    )


async def require_service(target: System, probe: Probe = _BRIEF) -> None:
    """See a prediction answered, before a case that blames the target for what comes next.

    The flow of `probe` is made by it, which during an outage may not be possible. Raises
    Inconclusive when it is not answered: an earlier disturbance may still be at work.
    """
    reply = await predict(new_job(target, probe))
    if reply.kind is not Kind.SUCCESS:
        raise Inconclusive(f"predictions were not answered even before: {reply.words}")


async def stream_unknown_flow(target: System) -> Reply:
    """Ask for a streamed prediction of a flow that does not exist."""
    return await target.perform(
        "stream",
        lambda vantage: predictor(target).stream_unknown_flow(vantage, within_s=target.patience_s),
    )


async def flows(target: System, *, role: Role) -> Reply:
    """Ask for the list of flows in the name of `role`."""
    return await target.perform(
        "flows",
        lambda vantage: predictor(target).flows(vantage, role=role, within_s=target.patience_s),
    )


async def messages(job: Job, *, role: Role = Role.USER) -> MessagesReply:
    """What the database holds of the job."""
    target = job.system
    return await target.perform(
        "messages",
        lambda vantage: predictor(target).messages(
            vantage, job.id, role=role, within_s=target.patience_s
        ),
        job=job,
    )


async def dashboard(
    target: System,
    *,
    status: str = "latest",
    page: int = 1,
    per_page: int = 0,
    role: Role = Role.ADMIN,
) -> DashboardReply:
    """What the dashboard shows of the jobs with `status` (see DashboardView)."""
    view = DashboardView(status, page, per_page)
    return await target.perform(
        "dashboard",
        lambda vantage: predictor(target).dashboard(
            vantage, role=role, view=view, within_s=target.patience_s
        ),
    )


async def dashboard_page(target: System, *, role: Role = Role.ADMIN) -> Reply:
    """The dashboard's page."""
    return await target.perform(
        "dashboard",
        lambda vantage: predictor(target).dashboard_page(
            vantage, role=role, within_s=target.patience_s
        ),
    )


async def server_health(target: System, *, within_s: float | None = None) -> Reply:
    """What the server says of its own health."""
    bound_s = within_s or target.patience_s
    return await target.perform(
        "health",
        lambda vantage: predictor(target).health(vantage, HEALTH_OF_THE_SERVER, within_s=bound_s),
    )


async def worker_health(
    target: System, worker: WorkerProgram, *, within_s: float | None = None
) -> Reply:
    """What a worker program says of its own health; raises NotAssessed when nobody knows where."""
    if not worker.url:
        raise NotAssessed("needs the address of a worker's health (worker_urls)")
    vantage, bound_s = Vantage(worker.url), within_s or target.patience_s
    try:
        with target.history.operation("health", worker=worker.label) as operation:
            reply = await predictor(target).health(vantage, HEALTH_OF_A_WORKER, within_s=bound_s)
            operation.outcome, operation.status = reply.outcome, reply.status
        return reply
    finally:
        await vantage.close()
