"""What a target can do beyond what its access levels say, found by trying."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from queueproof.errors import QueueproofError
from queueproof.probe import Probe
from queueproof.running.stage import Stage
from queueproof.targets.job import Job
from queueproof.targets.predictions import dashboard
from queueproof.targets.protocol import Role
from queueproof.targets.reading import poll_until_terminal, read_stream
from queueproof.targets.system import System
from queueproof.waiting import eventually

_TRY = Probe(ticks=1, interval_s=0.05, witnessed=True)
_WITNESS_S = 3.0


async def find_capabilities(stage: Stage) -> frozenset[str]:
    """Try the second user, the witness, the cursor and the dashboard on the main target."""
    system = stage.main
    found = await _of_a_job(system)
    if system.adapter.has(Role.OTHER):
        found.add("other_user")
    if "dashboard" in system.adapter.operations and system.adapter.has(Role.ADMIN):
        found |= {"dashboard"} if (await dashboard(system)).status == 200 else set()
    if any(member.url for member in system.crew):
        found.add("worker_health")
    try:
        if await stage.servers.redis_has_tls():
            found.add("redis_tls")
    except QueueproofError:
        pass
    return frozenset(found)


async def _of_a_job(system: System) -> set[str]:
    """What one job shows: that it reaches the witness, that its polls name a position."""
    job, _ = await system.try_submit(_TRY)
    if job is None:
        return set()
    found = set()
    if "poll" in system.adapter.operations:
        first = await system.poll(job, via=job.owner)
        found |= {"cursor"} if first.position is not None else set()
        await poll_until_terminal(job, via=job.owner)
    else:
        await read_stream(job)
    _, seen = await eventually(_sighted(job), bool, within_s=_WITNESS_S)
    return found | ({"witness"} if seen else set())


def _sighted(job: Job) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return bool(job.sightings)

    return look
