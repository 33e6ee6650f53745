"""Whether other clients use the target: then nobody can say who moved a counter.

Seen by watching the monitors while none of our own jobs is under way. Only rises count, and only of
what jobs, readers and cancels raise: what falls, or is counted late, may be an aftermath of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from queueproof.errors import Inconclusive, QueueproofError
from queueproof.targets.job import Job
from queueproof.targets.system import System
from queueproof.waiting import eventually, throughout

_RAISED_BY_CLIENTS = (
    "active_jobs",
    "bridge_count",
    "consumer_wrapper_count",
    "published",
    "dispatched_owned",
    "dispatched_foreign",
)
#: Long enough to see a client that comes every few seconds.
_WATCHED_S = 8.0
_SETTLED_S = 1.0

Seen = dict[str, int]


async def rule_out_other_traffic(target: System, jobs: Iterable[Job]) -> None:
    """Watch the monitors without a job of ours; raises Inconclusive when something rises.

    `jobs` are cancelled first. A target that was launched for this run has no other clients.
    """
    if target.is_ours:
        return
    for job in jobs:
        with suppress(QueueproofError):
            await target.cancel(job)
    await _settled(target)
    lowest = await _look(target)
    rose: list[str] = []

    async def look() -> list[str]:
        for name, value in (await _look(target)).items():
            if value > lowest.setdefault(name, value):
                rose.append(name)
            lowest[name] = min(lowest[name], value)
        return rose

    await eventually(look, bool, within_s=_WATCHED_S)
    if rose:
        raise Inconclusive(
            f"other traffic: {rose[0]} rose while none of our jobs was under way, so that nobody "
            "can say whose jobs were counted"
        )


async def _settled(target: System) -> None:
    """Give what our own cancelled jobs still move the time to be moved."""
    await throughout(target.healthy, bool, for_s=target.timings.cancel_effect_s + _SETTLED_S)


async def _look(target: System) -> Seen:
    monitors = await target.monitors()
    return {
        f"{name} of worker {worker}": reply.counters[name]
        for worker, reply in monitors.items()
        for name in _RAISED_BY_CLIENTS
        if name in reply.counters
    }
