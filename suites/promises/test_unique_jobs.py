"""Names that no two jobs under way share: kept while promised, and free again afterwards
(`queueproof, "Any other queue"`, Unique jobs).

A second submit may be refused, or answered with the first job's id. Whose work is done is seen by
the witness, where each submit has a key of its own; or by the result, which is computed of it.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    System,
    Worker,
    cancel_running,
    eventually,
    expect_that,
    requirement,
    stops,
    throughout,
    work_begun,
)
from queueproof.case_helpers.unique_names import (
    Asked,
    ask,
    expect_free,
    named,
    new_name,
    require_ended,
    require_settled,
    tells_no_result,
)
from queueproof.config.deadlines import recovered_within_s
from queueproof.targets.outcomes import was_run

_AT_ONE_INSTANT, _NAMES = 10, 3
_LASTING = Probe(ticks=20, interval_s=0.1, witnessed=True)
_BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
_FAILING = Probe(ticks=3, interval_s=0.05, fail_at=1, witnessed=True)
_LONG = Probe(ticks=200, interval_s=0.1, witnessed=True)


@requirement("PROM-024")
async def test_while_a_job_runs_another_of_its_name_does_no_work(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The second comes through the last worker; the first is not disturbed by it."""
    name = new_name()
    first = await target.submit(named(_LASTING, name), via=workers[0])
    await work_begun(first)
    second = await ask(target, named(_BRIEF, name), workers[-1])
    if len(first.sightings) >= _LASTING.ticks:
        raise Inconclusive("the first had ended when the second was submitted")

    async def ticks() -> int:
        return len(first.sightings)

    await eventually(ticks, lambda n: n >= _LASTING.ticks, within_s=target.within(_LASTING))
    ended_s = max(seen.at_s for seen in first.sightings)

    early = [at_s for at_s in second.at_s if at_s < ended_s]
    if not early:
        require_settled([second])
    expect_that(
        not early and len(first.sightings) == _LASTING.ticks,
        expected="no tick of a second job of that name before the first has ended",
        actual=f"{len(early)} ticks of the second; the first did {len(first.sightings)} of "
        f"{_LASTING.ticks}",
        jobs=first,
    )


@requirement("PROM-025")
async def test_of_jobs_of_one_name_at_one_instant_a_single_one_works(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Ten at once through all workers, for a few names: connections must be there to be quick."""
    probes = [named(_LASTING, new_name()) for _ in range(_NAMES)]
    rounds = [
        await asyncio.gather(
            *(ask(target, probe, workers[i % len(workers)]) for i in range(_AT_ONE_INSTANT))
        )
        for probe in probes
    ]

    async def all_at_work() -> bool:
        return all(any(one.at_s for one in asked) for asked in rounds)

    _, begun = await eventually(all_at_work, bool, within_s=target.within(_LASTING))
    if not begun:
        raise Inconclusive("of some name no job was run")
    await throughout(all_at_work, bool, for_s=_LASTING.duration_s / 2)
    together = max((_together(asked) for asked in rounds), key=len)
    if len(together) == 1:
        for asked in rounds:
            require_settled(asked, least=2)
    expect_that(
        len(together) == 1,
        expected=f"one of {_AT_ONE_INSTANT} jobs with the same unique name works",
        actual=f"{len(together)} worked at the same time",
        jobs=tuple(one.job for one in together if one.job),
    )


@requirement("PROM-026")
async def test_a_name_is_free_again_once_its_job_has_completed(target: System) -> None:
    """Another job of that name is run."""
    name = new_name()
    first = await target.submit(named(_BRIEF, name))
    await require_ended(first, Ending.COMPLETED)

    await expect_free(first, name, after="its job completed")


@requirement("PROM-027")
async def test_a_name_is_free_again_once_its_job_has_failed(target: System) -> None:
    """Another job of that name is run."""
    name = new_name()
    first = await target.submit(named(_FAILING, name))
    await require_ended(first, Ending.FAILED)

    await expect_free(first, name, after="its job failed")


@requirement("PROM-028")
async def test_a_name_is_free_again_once_its_job_was_cancelled(target: System) -> None:
    """Another job of that name is run."""
    name = new_name()
    job = await target.submit(named(_LONG, name))
    await work_begun(job)
    await cancel_running(job)
    if not await stops(job, within_s=target.timings.cancel_effect_s):
        raise Inconclusive("the cancelled job went on")

    await expect_free(job, name, after="its job was cancelled")


@requirement("PROM-029")
async def test_jobs_of_different_names_do_not_hinder_each_other(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Names that differ in their last letter alone."""
    await _expect_both_run(target, workers[0], "ab")


@requirement("PROM-029")
async def test_names_that_differ_in_the_case_of_a_letter_are_two(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A database may take them for one."""
    await _expect_both_run(target, workers[0], "aA")


async def _expect_both_run(target: System, via: Worker, ends: str) -> None:
    name = new_name()
    jobs = [await target.submit(named(_LASTING, name + end), via=via) for end in ends]
    within_s = recovered_within_s(target.timings)
    if target.told_by_results:
        # That the first was run is told when it has ended.
        within_s += target.within(_LASTING)
    else:
        await work_begun(jobs[0])

    async def run() -> list[bool]:
        return [await was_run(job) for job in jobs]

    ran, _ = await eventually(run, all, within_s=within_s)
    if not ran[0]:
        raise Inconclusive("the first was not run")
    if not ran[1] and await tells_no_result(jobs[1], beside=jobs[0]):
        raise Inconclusive("the second completed, and no result of it was told")
    expect_that(
        ran[1],
        expected="jobs with different unique names are both run",
        actual="the second never began",
        jobs=tuple(jobs),
    )


def _together(asked: list[Asked]) -> list[Asked]:
    """Those that worked before the first of them had ended."""
    found = [one for one in asked if one.at_s]
    first_ends_s = min(max(one.at_s) for one in found)
    return [one for one in found if min(one.at_s) <= first_ends_s]
