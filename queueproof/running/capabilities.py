"""What a target can do beyond what its access levels say, found by trying.

Three things can come of trying. It is there. It was not given: the target refuses (401, 403), has
no such thing, or nobody told us where it is. Or it was given and does not work: then nobody can say
that it was not, and the cases that need it are inconclusive, with what the target answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import QueueproofError
from queueproof.probe import Probe
from queueproof.running.environment import Environment
from queueproof.targets.answers import Kind
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.outcomes import was_run
from queueproof.targets.predictions import dashboard
from queueproof.targets.protocol import Role
from queueproof.targets.reading import poll_until_terminal, read_stream
from queueproof.targets.system import System
from queueproof.waiting import eventually

_TRY = Probe(ticks=1, interval_s=0.05, witnessed=True)
_WITNESS_S = 3.0
#: What a target promises unless its file says `at_least_once`.
RUNS_ONCE = "runs_once"
#: That a job was run can be shown: by the witness, or by its own result.
PROOF_OF_WORK = "proof_of_work"
_TOLD_TOO_LATE = (
    'a result, which is told once and after the end, cannot show it (witness_through = "result")'
)
_NO_DASHBOARD = (401, 403, 404)


@dataclass
class Capabilities:
    """What is there, and, by name, why what was given does not work, or was not given."""

    found: frozenset[str] = frozenset()
    broken: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def add(self, name: str) -> None:
        """It is there."""
        self.found |= {name}


async def find_capabilities(environment: Environment) -> Capabilities:
    """Try the monitor, the second user, the witness, the cursor and the dashboard."""
    system = environment.main
    able = Capabilities(broken=dict(system.adapter.troubles))
    await _of_the_work(system, able, environment.config)
    if "monitor" in system.adapter.operations and system.adapter.has(Role.ADMIN):
        await _of_the_monitor(system, able)
    if system.adapter.has(Role.OTHER):
        able.add("other_user")
    if "dashboard" in system.adapter.operations and system.adapter.has(Role.ADMIN):
        await _of_the_dashboard(system, able)
    if not environment.config.target.at_least_once:
        able.add(RUNS_ONCE)
    if any(member.url for member in system.crew):
        able.add("worker_health")
    try:
        if await environment.servers.redis_has_tls():
            able.add("redis_tls")
    except QueueproofError:
        pass
    return able


async def _of_the_monitor(system: System, able: Capabilities) -> None:
    """A superuser's monitor that does not answer him is broken, not missing."""
    if "monitor" in able.broken:
        return
    able.add("monitor")
    for worker, reply in (await system.monitors()).items():
        if reply.status != 200:
            able.broken["monitor"] = f"the monitor of worker {worker} answered {reply.words}"


async def _of_the_dashboard(system: System, able: Capabilities) -> None:
    shown = await dashboard(system)
    if shown.status == 200:
        able.add("dashboard")
    elif shown.status not in _NO_DASHBOARD:
        able.broken["dashboard"] = f"the dashboard answered {shown.words or 'nothing'}"


async def _of_a_job(system: System, able: Capabilities, *, witness_given: bool) -> None:
    """What one job shows: that it reaches the witness, that its polls name a position."""
    job, reply = await system.try_submit(_TRY)
    if reply.kind is Kind.UNANSWERED:  # lost on its way: all that needs the witness hangs on this
        job, reply = await system.try_submit(_TRY)
    if job is None:
        able.broken["witness"] = f"the job that should tell the witness was answered {reply.words}"
        return
    delivered = await _read(job, able)
    # A job that was not told to its end may begin late, by right.
    late = delivered.ending is not Ending.COMPLETED
    within_s = max(_WITNESS_S, system.timings.recovery_s if late else 0.0)
    _, seen = await eventually(_sighted(job), bool, within_s=within_s)
    if seen:
        able.add("witness")
    elif delivered.ending is not Ending.COMPLETED:
        able.broken["witness"] = (
            f"the job that should tell the witness: {delivered.ending.value} {delivered.detail}"
        ).strip()
    elif witness_given:
        trouble = f" ({system.witness.trouble})" if system.witness.trouble else ""
        able.broken["witness"] = (
            "a job completed and told the witness nothing: nobody reached it at "
            f"{system.witness.place}{trouble}"
        )


async def _of_the_work(system: System, able: Capabilities, config: RunConfig) -> None:
    """Who sees that jobs are at work: the witness, or nobody until their results are told."""
    if config.target.witness_through == "result":
        await _of_a_result(system, able)
        return
    await _of_a_job(system, able, witness_given=_witness_is_given(config))
    if "witness" in able.found:
        able.add(PROOF_OF_WORK)
    elif "witness" in able.broken:
        able.broken[PROOF_OF_WORK] = able.broken["witness"]


async def _of_a_result(system: System, able: Capabilities) -> None:
    """What one job shows without a witness: that its result tells that it was run."""
    able.absent["witness"] = _TOLD_TOO_LATE
    job, reply = await system.try_submit(_TRY)
    if reply.kind is Kind.UNANSWERED:  # lost on its way: all that needs the witness hangs on this
        job, reply = await system.try_submit(_TRY)
    if job is None:
        able.broken[PROOF_OF_WORK] = f"the job that should tell its result: {reply.words}"
        return
    delivered = await _read(job, able)
    _, told = await eventually(lambda: was_run(job), bool, within_s=system.timings.answer_s)
    if told:
        able.add(PROOF_OF_WORK)
        return
    able.broken[PROOF_OF_WORK] = (
        "what a job was asked to compute is not told as its result: "
        f"{delivered.ending.value} {delivered.detail}"
    ).strip()


async def _read(job: Job, able: Capabilities) -> Delivery:
    system = job.system
    if "stream" in system.adapter.operations and "poll" not in system.adapter.operations:
        return await read_stream(job)
    first = await system.poll(job, via=job.owner)
    if first.status != 200:
        able.broken["cursor"] = f"the first poll of a job was answered {first.words}"
    elif first.position is not None:
        able.add("cursor")
    delivered = await poll_until_terminal(job, via=job.owner)
    return delivered.preceded_by(first.events)


def _witness_is_given(config: RunConfig) -> bool:
    """Whether somebody saw to it that the target can reach the witness.

    By default it listens on loopback, which a target elsewhere, or in a container, cannot reach.
    """
    keys = ("witness_host", "witness_port", "witness_announce", "witness_through")
    default, target = TargetConfig(), config.target
    return config.embedded or any(getattr(target, key) != getattr(default, key) for key in keys)


def _sighted(job: Job) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return bool(job.sightings)

    return look
