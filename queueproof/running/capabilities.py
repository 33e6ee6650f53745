"""What a target can do beyond what its access levels say, found by trying."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from queueproof.errors import QueueproofError
from queueproof.probe import Probe
from queueproof.running.stage import Stage
from queueproof.stack.redis_server import find_redis_binary, has_tls
from queueproof.targets.job import Job
from queueproof.targets.protocol import Role
from queueproof.targets.reading import poll_until_terminal
from queueproof.waiting import eventually

_TRY = Probe(ticks=1, interval_s=0.05, witnessed=True)
_WITNESS_S = 3.0


async def find_capabilities(stage: Stage) -> frozenset[str]:
    """Try the second user, the witness and the cursor on the main target."""
    found = set()
    system = stage.main
    if system.adapter.has(Role.OTHER):
        found.add("other_user")
    job, _ = await system.try_submit(_TRY)
    if job is not None:
        first = await system.poll(job, via=system.workers[0])
        if first.position is not None:
            found.add("cursor")
        await poll_until_terminal(job, via=system.workers[0])
        _, seen = await eventually(_sighted(job), bool, within_s=_WITNESS_S)
        if seen:
            found.add("witness")
    try:
        if await has_tls(find_redis_binary(stage.config.redis_binary)):
            found.add("redis_tls")
    except QueueproofError:
        pass
    return frozenset(found)


def _sighted(job: Job) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return bool(job.sightings)

    return look
