"""Jobs that wait because every slot is taken: who begins first, and who never does
(`queueproof, "Any other queue"`, Order and Cancelling).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

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
from queueproof.config.promises import Promises
from queueproof.targets.full_slots import all_begun, begun_s, fill_slots, submit_waiting

_WAITING = Probe(ticks=30, interval_s=0.1)
_EACH = 4
_STILL_S = 2.0
_TWO = 2
_FIRST_FREE_S = 2.5
#: A delayed job is due after this, and in the line after a while that is declared: not too long.
_DELAY_S, _LATEST_S = 0.5, 6.0
#: "About": of all pairs so many may have begun the other way round, by two workers' chances.
_TOLERATED = 1 / 4


@requirement("PROM-009", alone=True)
async def test_the_more_urgent_of_the_waiting_jobs_begin_first(target: System) -> None:
    """The least urgent are submitted first, while every slot is taken; then, where there are more
    than two priorities, those of the one above.

    Where delays are promised, some of the urgent ones are delayed, and due long before a slot is
    free; a busy machine may come to that late, so only what begins when they are due counts.
    """
    promised = target.promises or Promises()
    least, most = promised.priorities[0], promised.priorities[-1]
    later_s = _DELAY_S + promised.delay_late_s if promised.delay_late_s else 0.0
    if later_s > _LATEST_S:
        later_s = 0.0
    await fill_slots(target, first_free_s=_FIRST_FREE_S + later_s)
    probes = [Probe(ticks=30, interval_s=0.1, priority=word) for word in (least, most)]
    delayed = replace(probes[1], delay_s=_DELAY_S)
    low = await submit_waiting(target, [probes[0]] * _EACH)
    due = await submit_waiting(target, [delayed] * _EACH if later_s else [])
    middle = promised.priorities[1] if len(promised.priorities) > _TWO else most
    between = [replace(probes[0], priority=middle)] * _EACH if middle != most else []
    medium = await submit_waiting(target, between)
    high = await submit_waiting(target, [probes[1]] * _EACH)

    await _all_begin(target, [*low, *medium, *high, *due])

    _expect_before(high, low, f"jobs of priority {most!r}", least)
    _expect_before(medium, low, f"jobs of priority {middle!r}", least)
    _expect_before(high, medium, f"jobs of priority {most!r}", middle)
    wrong = sum(
        other.submitted_s + later_s < begun_s(one) < begun_s(other) for one in low for other in due
    )
    expect_that(
        wrong <= _TOLERATED * len(low) * len(due),
        expected=f"jobs of priority {most!r} whose delay is over begin before those of {least!r}",
        actual=f"in {wrong} of {len(low) * len(due)} pairs the less urgent began first",
        jobs=tuple(due),
    )


def _expect_before(urgent: list[Job], less: list[Job], what: str, word: str) -> None:
    wrong = sum(begun_s(one) < begun_s(other) for one in less for other in urgent)
    expect_that(
        wrong <= _TOLERATED * len(less) * len(urgent),
        expected=f"{what} begin before those of {word!r} that waited longer",
        actual=f"in {wrong} of {len(less) * len(urgent)} pairs the less urgent began first",
        jobs=tuple(urgent),
    )


@requirement("PROM-010", alone=True)
async def test_waiting_jobs_begin_in_about_the_order_of_their_submits(target: System) -> None:
    """Submitted one after the other, while every slot is taken: some as they are, and some of the
    most urgent priority, where there are any.
    """
    urgent = target.promises.priorities[-1:] if target.promises else ()
    probes = [_WAITING, *(replace(_WAITING, priority=word) for word in urgent)]
    await fill_slots(target)
    alike = [await submit_waiting(target, [p] * (2 * _EACH // len(probes))) for p in probes]
    jobs = list(chain.from_iterable(alike))

    await _all_begin(target, jobs)

    target.history.measure(WAITING, (begun_s(job) - job.submitted_s for job in jobs))
    pairs = [pair for group in alike for pair in combinations(group, 2)]
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
