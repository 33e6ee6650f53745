"""Unique names of jobs that take long, are run again, or never begin: kept for as long as is
promised, and free again (`queueproof, "Any other queue"`, Unique jobs).
"""

from __future__ import annotations

from dataclasses import replace

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    requirement,
    work_begun,
)
from queueproof.case_helpers.later_runs import require_soon_retries, two_runs_within_s
from queueproof.case_helpers.unique_names import (
    Asked,
    ask,
    expect_free,
    named,
    new_name,
    require_ended,
    require_settled,
)
from queueproof.config.deadlines import recovered_within_s

_STEP_S = 0.5
#: Longer than lost jobs are waited for, as far as that is known; and no longer than this.
_LONGER, _LEAST_S, _LONGEST_S = 1.25, 6.0, 20.0
_AGAIN_EVERY_S = 0.7
_BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
_SECOND_TIME = Probe(ticks=12, interval_s=0.1, fail_times=1, retries=1, witnessed=True)
_MOST_ASKED = 40
_FAILING = Probe(ticks=3, interval_s=0.05, fail_at=1, witnessed=True)
_DELAY_S = 3.0


@requirement("PROM-024")
async def test_a_name_is_kept_for_as_long_as_its_job_runs(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """For longer than a lock is commonly taken for: others of that name come all the while."""
    bound_s = target.promises.redelivery_s if target.promises else 0.0
    lasts_s = min(_LONGEST_S, max(_LEAST_S, bound_s * _LONGER))
    probe = Probe(ticks=round(lasts_s / _STEP_S), interval_s=_STEP_S, witnessed=True)
    name = new_name()
    first = await target.submit(named(probe, name), via=workers[0])
    await work_begun(first)
    others = list[Asked]()

    async def ended() -> bool:
        if target.history.now_s() > first.submitted_s + _AGAIN_EVERY_S * (1 + len(others)):
            at = workers[len(others) % len(workers)]
            others.append(await ask(target, named(_BRIEF, name), at))
        return len(first.sightings) >= probe.ticks

    await eventually(ended, bool, within_s=target.within(probe))
    _expect_alone(first, others, ticks=probe.ticks, while_="its job runs")


@requirement("PROM-024", promises=("retries",))
async def test_a_name_is_kept_between_two_runs_of_its_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It fails once and is run again; from the failure on others of that name come."""
    require_soon_retries(target)
    name = new_name()
    first = await target.submit(named(_SECOND_TIME, name), via=workers[0])
    await work_begun(first)
    others = list[Asked]()

    async def ended() -> bool:
        if len(others) < _MOST_ASKED and len(first.sightings) < 2:
            at = workers[len(others) % len(workers)]
            others.append(await ask(target, named(_BRIEF, name), at))
        return len(first.sightings) > _SECOND_TIME.ticks

    within_s = two_runs_within_s(target, _SECOND_TIME)
    await eventually(ended, bool, within_s=within_s)
    _expect_alone(
        first, others, ticks=1 + _SECOND_TIME.ticks, while_="its job waits for its second run"
    )


@requirement("PROM-024", promises=("delay_late_s",), wait=lambda _: _DELAY_S)
async def test_a_name_is_kept_while_its_job_waits_for_its_time(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It is delayed; others of that name come all the while, and none of them works before it."""
    name = new_name()
    first = await target.submit(named(replace(_BRIEF, delay_s=_DELAY_S), name), via=workers[0])
    others = list[Asked]()

    async def begun() -> bool:
        now_s = target.history.now_s()
        if now_s > first.submitted_s + _AGAIN_EVERY_S * len(others) and not first.sightings:
            at = workers[len(others) % len(workers)]
            others.append(await ask(target, named(_BRIEF, name), at))
        return len(first.sightings) >= _BRIEF.ticks

    late_s = target.promises.delay_late_s if target.promises else 0.0
    within_s = _DELAY_S + late_s + recovered_within_s(target.timings)
    _, ran = await eventually(begun, bool, within_s=within_s)

    if not ran:
        raise Inconclusive("the delayed job was not run in time: another may have its place")
    early = [one for one in others if one.at_s and min(one.at_s) < first.sightings[0].at_s]
    expect_that(
        not early,
        expected="no tick of another job of that name while its job waits for its time",
        actual=f"{len(early)} of {len(others)} others worked before it",
        jobs=first,
    )


@requirement("PROM-026", promises=("retries",))
async def test_a_name_is_free_again_once_its_job_has_completed_in_a_later_run(
    target: System,
) -> None:
    """Another job of that name is run."""
    require_soon_retries(target)
    name, probe = new_name(), replace(_BRIEF, fail_times=1, retries=1)
    first = await target.submit(named(probe, name))
    await require_ended(first, Ending.COMPLETED, within_s=two_runs_within_s(target, probe))

    await expect_free(first, name, after="its job completed in its second run")


@requirement("PROM-027", promises=("retries",))
async def test_a_name_is_free_again_once_its_job_has_failed_in_a_later_run(target: System) -> None:
    """Another job of that name is run."""
    require_soon_retries(target)
    name, probe = new_name(), replace(_FAILING, retries=1)
    first = await target.submit(named(probe, name))
    await require_ended(first, Ending.FAILED, within_s=two_runs_within_s(target, probe))

    await expect_free(first, name, after="its job failed in its second run")


@requirement("PROM-028", promises=("delay_late_s",))
async def test_a_name_is_free_again_once_its_job_was_cancelled_before_it_began(
    target: System,
) -> None:
    """Its job is delayed; a queue may find out that it was cancelled when its time has come."""
    name = new_name()
    first = await target.submit(named(replace(_BRIEF, delay_s=_DELAY_S), name))
    reply = await target.cancel(first)
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")
    if first.sightings or target.history.now_s() > first.submitted_s + _DELAY_S:
        raise Inconclusive("the cancel was answered after the job's time")

    late_s = _DELAY_S + (target.promises.delay_late_s if target.promises else 0.0)
    await expect_free(first, name, after="its delayed job was cancelled", late_s=late_s)


def _expect_alone(first: Job, others: list[Asked], *, ticks: int, while_: str) -> None:
    """None of the others worked before the first had done all its ticks."""
    done = len(first.sightings)
    early = [one for one in others if one.at_s and min(one.at_s) < first.sightings[-1].at_s]
    if not early and done < ticks:
        raise Inconclusive(f"the first did {done} of {ticks} ticks in time")
    if not early:
        require_settled(others)
    expect_that(
        not early,
        expected=f"no tick of another job of that name while {while_}",
        actual=f"{len(early)} of {len(others)} others worked, when the first had done "
        f"{sum(seen.at_s < min(early[0].at_s) for seen in first.sightings) if early else 0} of "
        f"{ticks} ticks",
        jobs=first,
    )
