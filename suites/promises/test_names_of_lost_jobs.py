"""The unique name of a job whose worker was killed stays taken while it is run again
(`queueproof, "Any other queue"`, Unique jobs).
"""

from __future__ import annotations

import signal

from queueproof.case import (
    Inconclusive,
    NotAssessed,
    Probe,
    eventually,
    expect_that,
    requirement,
    work_begun,
)
from queueproof.case_helpers.unique_names import ask, named, new_name, require_settled
from queueproof.running.launch import Launch
from queueproof.targets.outcomes import runs_of

_WORK = Probe(ticks=12, interval_s=0.3, witnessed=True)
_BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
_SLACK_S = 2.0


@requirement(
    "PROM-033",
    wait=lambda t: t.owner_death_s + _WORK.duration_s,
)
async def test_a_name_is_kept_while_its_job_is_run_again_after_a_kill(launch: Launch) -> None:
    """Another of that name comes when the second run has begun."""
    lane = await launch.lane(workers=1)
    target = lane.system
    if not target.promises or target.promises.unique != "running":
        raise NotAssessed('needs [promises] unique = "running"')
    name = new_name()
    first = await target.submit(named(_WORK, name))
    await work_begun(first)
    lane.boot.crew[0].victim.send_to_family(signal.SIGKILL)
    await launch.one_more_worker(lane)

    async def again() -> bool:
        return runs_of(first) > 1

    within_s = target.timings.owner_death_s + _WORK.duration_s + _SLACK_S
    if not (await eventually(again, bool, within_s=within_s))[1]:
        raise Inconclusive(f"the job was not run again within {within_s:.0f} s")
    second = await ask(target, named(_BRIEF, name), None)

    async def over() -> bool:
        return sum(seen.tick == _WORK.ticks - 1 for seen in first.sightings) > 0

    await eventually(over, bool, within_s=target.within(_WORK))
    ended_s = first.sightings[-1].at_s
    early = [at_s for at_s in second.at_s if at_s < ended_s]
    if not early:
        require_settled([second])
        if not await over():
            raise Inconclusive("the second run did not come to its end in time")
    expect_that(
        not early,
        expected="no tick of another job of that name while its job is run again",
        actual=f"the other did {len(early)} ticks meanwhile",
        jobs=first,
    )
