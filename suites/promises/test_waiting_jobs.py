"""Jobs that wait because every slot is taken: who begins first, and who never does
(`queueproof, "Any other queue"`, Order and Cancelling).
"""

from __future__ import annotations

from itertools import combinations

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    System,
    expect_that,
    requirement,
    throughout,
)
from queueproof.checkers.outage_durations import WAITING
from queueproof.targets.full_slots import all_begun, begun_s, fill_slots, submit_waiting

_WAITING = Probe(ticks=30, interval_s=0.1)
_EACH = 4
_STILL_S = 2.0
#: "About": of all pairs so many may have begun the other way round, by two workers' chances.
_TOLERATED = 1 / 4


@requirement("PROM-009", alone=True)
async def test_the_more_urgent_of_the_waiting_jobs_begin_first(target: System) -> None:
    """The least urgent are submitted first, while every slot is taken."""
    promised = target.promises.priorities if target.promises else ()
    least, most = promised[0], promised[-1]
    await fill_slots(target)
    probes = [Probe(ticks=30, interval_s=0.1, priority=word) for word in (least, most)]
    low = await submit_waiting(target, [probes[0]] * _EACH)
    high = await submit_waiting(target, [probes[1]] * _EACH)

    await _all_begin(target, [*low, *high])

    wrong = sum(begun_s(one) < begun_s(other) for one in low for other in high)
    expect_that(
        wrong <= _TOLERATED * len(low) * len(high),
        expected=f"jobs of priority {most!r} begin before those of {least!r} that waited longer",
        actual=f"in {wrong} of {len(low) * len(high)} pairs the less urgent began first",
        jobs=tuple(high),
    )


@requirement("PROM-010", alone=True)
async def test_waiting_jobs_begin_in_about_the_order_of_their_submits(target: System) -> None:
    """Submitted one after the other, while every slot is taken."""
    await fill_slots(target)
    jobs = await submit_waiting(target, [_WAITING] * (2 * _EACH))

    await _all_begin(target, jobs)

    target.history.measure(WAITING, (begun_s(job) - job.submitted_s for job in jobs))
    pairs = list(combinations(jobs, 2))
    wrong = sum(begun_s(earlier) > begun_s(later) for earlier, later in pairs)
    expect_that(
        wrong <= _TOLERATED * len(pairs),
        expected="who was submitted first begins first, by and large",
        actual=f"in {wrong} of {len(pairs)} pairs the later one began first",
        jobs=tuple(jobs),
    )


@requirement("PROM-011", alone=True)
async def test_a_job_that_is_cancelled_while_it_waits_never_begins(target: System) -> None:
    """One of two is cancelled; the other shows when it would have begun."""
    await fill_slots(target)
    cancelled, control = await submit_waiting(target, [_WAITING] * 2)

    reply = await target.cancel(cancelled)
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")
    if cancelled.sightings:
        raise Inconclusive("it began before the cancel was answered")
    await _all_begin(target, [control])

    async def work() -> int:
        return len(cancelled.sightings)

    await throughout(work, lambda seen: not seen, for_s=_STILL_S)
    expect_that(
        not cancelled.sightings,
        expected="no tick of a job whose cancel was answered with success while it waited",
        actual=f"it did {len(cancelled.sightings)} ticks",
        jobs=cancelled,
    )


async def _all_begin(target: System, jobs: list[Job]) -> None:
    within_s = target.timings.recovery_s + 20.0
    if not await all_begun(jobs, within_s=within_s):
        raise Inconclusive(f"a job that waited did not begin within {within_s:.0f} s")
