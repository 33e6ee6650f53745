"""Waiting until a target is at rest, so that what moves afterwards was moved by the case."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from queueproof.errors import QueueproofError
from queueproof.probe import Probe
from queueproof.targets.protocol import Role
from queueproof.targets.reading import read_stream
from queueproof.targets.system import System
from queueproof.waiting import eventually

_REST_S = 5.0
_STEADY_S = 0.5
_BUSY = ("background_task_count", "consumer_wrapper_count", "active_jobs")

_BRIEF = Probe(ticks=2, interval_s=0.05)

Snapshot = dict[str, dict[str, object]]


@dataclass
class _Watch:
    """What the monitors last said, and since when they have said it."""

    seen: Snapshot = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)

    def look(self, snapshot: Snapshot) -> _Watch:
        if snapshot != self.seen:
            self.seen, self.since = snapshot, time.monotonic()
        return self

    @property
    def idle(self) -> bool:
        """Nothing under way, and every dispatcher listens; a monitor that errs says neither."""
        return all(
            body
            and not any(body.get(name) for name in _BUSY)
            and body.get("cancel_dispatcher_running", True)
            for body in self.seen.values()
        )

    @property
    def steady(self) -> bool:
        """Nothing has moved for a while; some targets count finished jobs for minutes."""
        return time.monotonic() - self.since > _STEADY_S


async def still_serves(system: System) -> bool:
    """Whether a brief job is still accepted and told to an end."""
    try:
        job = await system.submit(_BRIEF)
        delivered = await read_stream(job, via=job.owner)
    except QueueproofError:
        return False
    return delivered.ending.is_end


async def come_to_rest(system: System) -> bool:
    """Wait, for some seconds at most, until every monitor is idle or nothing moves any more.

    Returns whether it is idle; where it cannot be seen, without admin access or
    one connection to each worker, it is assumed.
    """
    if "monitor" not in system.adapter.operations or not system.adapter.has(Role.ADMIN):
        return True
    if system.fleet.identifier is None:
        return True  # whose monitor answers would change by request
    watch = _Watch()

    async def look() -> _Watch:
        replies = await system.monitors()
        return watch.look({worker.label: reply.body for worker, reply in replies.items()})

    try:
        seen, _ = await eventually(look, lambda w: w.idle or w.steady, within_s=_REST_S)
    except QueueproofError:
        return False
    return seen.idle
