"""Workers that are killed, frozen or stopped while builds run
("Introduction", "Recommended Gunicorn settings").
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    NotAssessed,
    Probe,
    System,
    Timings,
    Violation,
    Worker,
    eventually,
    expect,
    expect_that,
    poll_until_terminal,
    read_stream,
    requirement,
    throughout,
)
from queueproof.case_helpers.at_work import expect_as_before, what_it_lacks
from queueproof.executors.executor import Ability
from queueproof.faults import injected
from queueproof.faults.shared.worker_faults import (
    asked_to_stop,
    by_process,
    elsewhere,
    frozen,
    killed,
    neighbours,
)
from queueproof.processes.process_view import ProcessView
from queueproof.running.launch import Lane, Launch
from queueproof.targets.reading import read_to_end, read_until_tick

ENDLESS = Probe(ticks=400, interval_s=0.1)
SHORT = Probe(ticks=30, interval_s=0.1)
NOT_AS_IF_COMPLETE = (Ending.FAILED, Ending.CANCELLED)
TOLD = (Ending.COMPLETED, *NOT_AS_IF_COMPLETE)
REPLAYS_S = 2.0
SOON_S = 20.0
SUCCESSOR_S = 90.0
#: A pod's successor takes as long as the program takes to boot, and its image to come.
BOOT_S = 240.0


@requirement(
    "LIFE-001",
    contracts=("langflow",),
    alone=True,
    workers=2,
    wait=lambda t: t.owner_death_s * _deaths(t),
)
async def test_readers_of_a_build_whose_worker_was_killed_are_told(
    target: System, lane: Lane | None, launch: Launch
) -> None:
    """A stream and a poller on other workers learn within the bound that the build is lost.

    Where that is told soon, and one is left besides, the same of the next worker that is killed.
    """
    target = await long_lived(target, lane, launch)
    owner, others = await chosen(target)
    await _expect_told_of_death(target, owner, others, lane)
    beside = [others[0], *await neighbours(target, others[0])]
    left = [other for other in others if other not in beside]
    if left and _deaths(target.timings) > 1:
        await _expect_told_of_death(target, others[0], left, lane)


def _deaths(t: Timings) -> int:
    """How many deaths are waited for."""
    return 2 if t.owner_death_s <= SOON_S else 1


async def _expect_told_of_death(
    target: System, owner: Worker, others: list[Worker], lane: Lane | None
) -> None:
    within_s = target.timings.owner_death_s + 1.0
    job = await target.submit(ENDLESS, via=owner)
    async with target.stream(job, via=others[0]) as stream:
        await read_until_tick(stream, 3)

        async with ended(target, owner, by=signal.SIGKILL, lane=lane):
            streamed, polled = await asyncio.gather(
                read_to_end(stream, within_s=within_s),
                poll_until_terminal(job, via=others[-1], within_s=within_s),
            )

    expect(streamed).to_have_ended(*NOT_AS_IF_COMPLETE)
    expect(polled).to_have_ended(*NOT_AS_IF_COMPLETE)


@requirement("LIFE-002", alone=True, workers=2)
async def test_a_killed_worker_is_replaced_and_service_goes_on(target: System) -> None:
    """As many processes serve as before, and a build runs on the one that is new.

    Others are read and cancelled at a worker that was there before.
    """
    victim, _ = await chosen(target)
    lacked = await what_it_lacks(target, victim)
    workers, within_s = target.workers, target.timings.recovery_s
    gone = [victim, *await neighbours(target, victim)]
    if by_process(target, victim):
        missing = await replaced_process(target, victim, within_s=within_s)
    else:
        within_s = max(within_s, BOOT_S)
        missing = await replaced_instance(target, victim, within_s=within_s)
    retire(target, gone)
    successor = None if missing else await newcomer(target, workers, within_s=within_s)
    expect_that(
        successor is not None,
        expected=f"a killed worker's successor serves within {within_s:.0f} s",
        actual=missing or "a new one runs, but answers nobody",
    )

    job, reply = await target.try_submit(Probe(ticks=3), via=successor)
    if job is None:
        raise Violation(expected="a submit that the successor accepts", actual=reply.words)

    expect(await read_stream(job, via=successor)).to_have_lost_nothing()
    if successor is not None:
        when = "where it is of a killed worker's successor"
        await expect_as_before(target, successor, lacked=lacked, when=when)


@requirement("LIFE-003", alone=True, workers=2, wait=lambda t: t.owner_death_s + REPLAYS_S)
async def test_a_build_whose_worker_was_frozen_and_thawed_is_delivered_without_contradiction(
    target: System, lane: Lane | None, launch: Launch
) -> None:
    """What a reader was told at first is what every later reader is told.

    Where the worker goes on afterwards, what it accepts is delivered as before.
    """
    target = await long_lived(target, lane, launch)
    owner, others = await chosen(target)
    bound_s = target.timings.owner_death_s
    if target.timings.stream_ttl_s <= bound_s:
        raise NotAssessed(f"a freeze of {bound_s:.0f} s outlasts the job's keys")
    fault = await frozen(target, owner)
    job = await target.submit(SHORT, via=owner)
    async with target.stream(job, via=others[0]) as stream:
        await read_until_tick(stream, 3)
        reading = asyncio.create_task(
            read_to_end(stream, within_s=bound_s + target.within(job.probe))
        )
        async with injected(fault, target.history):
            await asyncio.wait({reading}, timeout=bound_s)
        first = await reading
    if not first.ending.is_end:
        raise Inconclusive(f"the first reader was told nothing: {first.detail}")

    told = []

    async def again() -> Delivery:
        later = await read_stream(job, via=others[-1])
        told.extend([later] if later.ending.is_end else [])
        return later

    later, agreed = await throughout(
        again,
        lambda later: not later.ending.is_end or story(later) == story(first),
        for_s=REPLAYS_S,
    )
    if not told:
        raise Inconclusive(f"no later reader was told anything: {later.ending.value}")

    expect_that(
        agreed,
        expected="every reader of the build is told the same",
        actual=f"first {words(first)}, then {words(later)}",
        jobs=job,
    )
    await _expect_served_again(target, owner, via=others[-1])


async def _expect_served_again(target: System, thawed: Worker, *, via: Worker) -> None:
    """A build of a worker that is back is read whole within the bound; one that is gone owes none.

    The build lasts for as long as the others may take to look who is dead.
    """

    async def lacking() -> str:
        job, reply = await target.try_submit(SHORT, via=thawed)
        if job is None:
            return f"a submit was answered {reply.words}"
        read = await read_stream(job, via=via)
        complete = read.ending is Ending.COMPLETED
        return "" if complete else f"a build was accepted, and its reader told {words(read)}"

    within_s = target.timings.recovery_s
    try:
        last, served = await eventually(lacking, lambda words: not words, within_s=within_s)
    except Inconclusive:
        return  # It cannot be reached: another one was put in its place.
    expect_that(
        served,
        expected=f"builds delivered by a worker that was frozen, {within_s:.0f} s after it is back",
        actual=last,
    )


@requirement("LIFE-004", alone=True, workers=2, last=True, wait=lambda t: t.owner_death_s)
async def test_a_build_on_a_worker_that_is_stopped_gracefully_ends_in_a_stated_way(
    target: System, lane: Lane | None, launch: Launch
) -> None:
    """A stream and a poller on other workers are told how the build ended."""
    target = await long_lived(target, lane, launch)
    owner, others = await chosen(target)
    within_s = target.within(SHORT) + target.timings.owner_death_s
    job = await target.submit(SHORT, via=owner)
    async with target.stream(job, via=others[0]) as stream:
        await read_until_tick(stream, 3)

        async with ended(target, owner, by=signal.SIGTERM, lane=lane):
            streamed, polled = await asyncio.gather(
                read_to_end(stream, within_s=within_s),
                poll_until_terminal(job, via=others[-1], within_s=within_s),
            )

    expect(streamed).to_have_ended(*TOLD)
    expect(polled).to_have_ended(*TOLD)


async def long_lived(target: System, lane: Lane | None, launch: Launch) -> System:
    """Where targets can be launched, one whose keys outlive the case.

    Else readers could learn of a dead owner from its keys running out, which takes an hour at
    the default time to live.
    """
    if lane is None:
        return target
    return await launch.system({"LANGFLOW_REDIS_QUEUE_TTL": "120"}, workers=3)


@asynccontextmanager
async def ended(
    target: System, worker: Worker, *, by: signal.Signals, lane: Lane | None
) -> AsyncIterator[None]:
    """End a worker for the body's duration; afterwards it counts no longer.

    A target that is not a copy for this case alone is left with a vacancy. Whoever comes next and
    needs its workers waits for the successor (`staffed`); behind the last case nobody waits.
    """
    end = killed if by is signal.SIGKILL else asked_to_stop
    fault, gone = await end(target, worker), [worker, *await neighbours(target, worker)]
    try:
        async with injected(fault, target.history):
            yield
    finally:
        retire(target, gone)
        if lane is None:
            target.vacancies += len(gone)


def retire(target: System, gone: list[Worker]) -> None:
    """They count no longer: the one that was struck, and those in its container or pod."""
    for worker in gone:
        target.fleet.retire(worker)


async def staffed(target: System) -> tuple[Worker, ...]:
    """The target's workers, once those that earlier cases have ended were succeeded."""
    wanted, target.vacancies = len(target.workers) + target.vacancies, 0

    async def number() -> int:
        await target.fleet.discover(expected=wanted)
        return len(target.workers)

    if len(target.workers) < wanted:
        await eventually(number, lambda now: now >= wanted, within_s=SUCCESSOR_S)
    return target.workers


async def replaced_process(target: System, victim: Worker, *, within_s: float) -> str:
    """Kill a worker's process; what is lacking when as many should serve as before."""
    processes = view(target)
    before = processes.serving()
    async with injected(await killed(target, victim), target.history):
        if await succeeded(processes, before, within_s=within_s):
            return ""
    return f"{len(processes.serving())} of {len(before)} workers run, none of them new"


async def replaced_instance(target: System, victim: Worker, *, within_s: float) -> str:
    """The same of a pod, or whatever the executor replaces by itself."""
    workforce = target.workforce
    assert workforce is not None
    workforce.require(Ability.REPLACE)
    before = {one.life for one in await workforce.executor.instances() if one.ready}

    async def ready() -> set[str]:
        return {one.life for one in await workforce.executor.instances() if one.ready}

    async with injected(await killed(target, victim), target.history):
        now, whole = await eventually(
            ready,
            lambda lives: len(lives) >= len(before) and bool(lives - before),
            within_s=within_s,
        )
        if whole:
            return ""
    return f"{len(now)} of {len(before)} {workforce.noun}s are ready, {len(now - before)} new"


async def succeeded(processes: ProcessView, before: frozenset[int], *, within_s: float) -> bool:
    """Whether as many processes serve as before, a new one among them."""

    async def serving() -> frozenset[int]:
        return processes.serving()

    _, whole = await eventually(
        serving,
        lambda now: len(now) >= len(before) and bool(now - before),
        within_s=within_s,
    )
    return whole


async def newcomer(target: System, known: tuple[Worker, ...], *, within_s: float) -> Worker | None:
    """A worker that answers and was not known before."""

    async def look() -> Worker | None:
        await target.fleet.discover(expected=len(known))
        return next((worker for worker in target.workers if worker not in known), None)

    found, _ = await eventually(look, lambda worker: worker is not None, within_s=within_s)
    return found


async def chosen(target: System) -> tuple[Worker, list[Worker]]:
    """The worker that runs the build, and others that go on without it."""
    workers = await staffed(target)
    if len(workers) < 2:
        raise Inconclusive("an earlier case's victim has no successor yet")
    return workers[0], await elsewhere(target, workers[0], workers)


def view(target: System) -> ProcessView:
    """The target's processes."""
    assert target.processes is not None
    return target.processes


def story(delivery: Delivery) -> tuple[list[int], Ending]:
    """What a reader was told, in short."""
    return delivery.ticks, delivery.ending


def words(delivery: Delivery) -> str:
    """The story for a report."""
    return f"{len(delivery.ticks)} ticks and {delivery.ending.value!r}"
