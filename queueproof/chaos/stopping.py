"""Whether a job stops when it was cancelled, seen by the silence of what it reported to."""

from __future__ import annotations

from queueproof.targets.job import Job
from queueproof.waiting import eventually


async def stops_in_time(job: Job, *, still_s: float) -> bool:
    """Whether a cancelled job stops within the bound: `still_s` is a silence of several ticks."""
    system = job.system
    answered_s = system.history.now_s()
    by_s = answered_s + system.timings.cancel_effect_s

    async def last_tick_s() -> float:
        return max((sighting.at_s for sighting in job.sightings), default=0.0)

    def settled(last_s: float) -> bool:
        return last_s > by_s or system.history.now_s() > max(last_s, answered_s) + still_s

    within_s = system.timings.cancel_effect_s + 2 * still_s
    last_s, _ = await eventually(last_tick_s, settled, within_s=within_s)
    return last_s <= by_s
