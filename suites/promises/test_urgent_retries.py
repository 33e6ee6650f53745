"""Priorities outlive a failed run (`queueproof, "Any other queue"`, Order)."""

from __future__ import annotations

from queueproof.case import Inconclusive, Job, NotAssessed, Probe, System, expect_that, requirement
from queueproof.targets.full_slots import all_begun, begun_s, fill_slots, submit_waiting
from queueproof.targets.outcomes import runs_of
from queueproof.waiting import eventually

#: How long the urgent job's first run takes: meanwhile all other slots are filled.
_FAILS_AFTER_S = 4.0
_LONGEST_PAUSE_S = 5.0
_LESS_URGENT = 5
#: One takes the place that the failure sets free, another may at once with the second run.
_MAY_PRECEDE = 2
_EACH_TAKES_S = 3.0


@requirement("PROM-021", alone=True)
async def test_an_urgent_job_that_is_run_again_begins_before_less_urgent_ones(
    target: System,
) -> None:
    """It fails once all slots are taken and less urgent jobs wait."""
    promised = target.promises
    least, most = (promised.priorities[0], promised.priorities[-1]) if promised else ("", "")
    pause_s = promised.retry_pause_s if promised else 0.0
    if pause_s > _LONGEST_PAUSE_S:
        raise NotAssessed(f"{pause_s:g} s between two runs are longer than is waited for")
    urgent = await target.submit(
        Probe(
            ticks=2,
            interval_s=_FAILS_AFTER_S,
            fail_at=1,
            retries=1,
            priority=most,
            witnessed=True,
        )
    )
    _require(await all_begun([urgent], within_s=target.timings.answer_s), "did not begin")
    await fill_slots(target, but=1, first_free_s=_FAILS_AFTER_S + pause_s + _EACH_TAKES_S)
    probe = Probe(ticks=round(_EACH_TAKES_S / 0.1), interval_s=0.1, priority=least)
    waiting = await submit_waiting(target, [probe] * _LESS_URGENT)
    in_time = target.history.now_s() < begun_s(urgent) + _FAILS_AFTER_S
    _require(in_time and runs_of(urgent) == 1, "failed before all slots were taken")

    again_s = await _begun_again_s(urgent, waiting)

    before = sum(begun_s(job) < again_s for job in waiting)
    expect_that(
        before <= _MAY_PRECEDE,
        expected=f"a job of priority {most!r} that is run again begins before those of {least!r}",
        actual=f"{before} of {len(waiting)} less urgent ones began before it",
        jobs=(urgent, *waiting),
    )


async def _begun_again_s(urgent: Job, waiting: list[Job]) -> float:
    """When its second run began; for ever later where all others began before."""

    async def settled() -> bool:
        return runs_of(urgent) > 1 or all(job.sightings for job in waiting)

    timings = urgent.system.timings
    _, seen = await eventually(settled, bool, within_s=timings.recovery_s + 20.0)
    _require(seen, "was not run again, nor were all others begun")
    began = [seen.at_s for seen in urgent.sightings if seen.tick == 0]
    return began[1] if len(began) > 1 else float("inf")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Inconclusive(f"the urgent job {otherwise}")
