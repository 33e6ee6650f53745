"""A stream that is closed while its job says nothing
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference, cancel channel).

Whoever learns of a closed connection only by writing to it learns nothing in a quiet spell.
"""

from __future__ import annotations

from queueproof.case import (
    UNHEARD,
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    Worker,
    expect_that,
    read_until_tick,
    requirement,
    throughout,
)

_TICK_S = 0.1
_LAST_BEFORE = 1
_AFTER_S = 1.0


def quiet_s(t: Timings) -> float:
    """A silence long enough for the cancel to take effect within it."""
    return t.cancel_effect_s + 2.5


@requirement("CANC-010", needs=("witness",), wait=lambda t: quiet_s(t) + _AFTER_S)
async def test_dropping_a_quiet_stream_on_the_owner_stops_the_work(target: System) -> None:
    """Closed in a quiet spell, the stream at the build's own worker ends the build within it."""
    job = await target.submit(_quiet(target.timings))

    await _expect_stopped_in_the_silence(job, dropped_on=job.owner)


@requirement("CANC-011", workers=2, needs=("witness",), wait=lambda t: quiet_s(t) + _AFTER_S)
async def test_dropping_a_quiet_stream_on_another_worker_stops_the_work(target: System) -> None:
    """Closed in a quiet spell, the stream at another worker ends the build within it."""
    job = await target.submit(_quiet(target.timings))

    await _expect_stopped_in_the_silence(job, dropped_on=target.others(job.owner)[-1])


def _quiet(t: Timings) -> Probe:
    return Probe(
        ticks=200,
        interval_s=_TICK_S,
        quiet_after=_LAST_BEFORE,
        quiet_s=quiet_s(t),
        witnessed=True,
    )


async def _expect_stopped_in_the_silence(job: Job, *, dropped_on: Worker) -> None:
    async with job.system.stream(job, via=dropped_on) as stream:
        await read_until_tick(stream, _LAST_BEFORE)
    dropped_s = job.system.history.now_s()
    last_s = max((seen.at_s for seen in job.sightings), default=dropped_s)
    if dropped_s - last_s > quiet_s(job.system.timings) - job.system.timings.cancel_effect_s:
        raise Inconclusive("the stream was closed too late for its cancel to fall into the silence")

    async def ticks() -> list[int]:
        return [seen.tick for seen in job.sightings if seen.tick > _LAST_BEFORE]

    for_s = last_s + _TICK_S + quiet_s(job.system.timings) + _AFTER_S - dropped_s
    seen, silent = await throughout(ticks, lambda later: not later, for_s=for_s)

    expect_that(
        silent,
        expected="a build whose only stream was closed in a quiet spell does not go on after it",
        actual=f"tick {seen[-1] if seen else '-'} was done "
        f"(dropped on {dropped_on}, owner {job.owner}) {UNHEARD}",
        jobs=job,
    )
