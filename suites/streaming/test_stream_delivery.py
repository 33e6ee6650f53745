"""A stream delivers every event, from any worker, once and in order, as it happens
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    IN_ONE_PIECE,
    Delivery,
    Inconclusive,
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    read_stream,
    require_attended,
    requirement,
)

_LARGE = Probe(ticks=4, interval_s=0.05, payload_bytes=256 * 1024)
_BURST = Probe(ticks=2000, interval_s=0.0)
_BURST_WITHIN_S = 60.0
_QUIET_S = 4.0
_LATE_S = 1.5
_AT_ONCE_S = 0.2


@requirement("STRM-001", workers=2)
async def test_a_build_can_be_streamed_to_its_end_from_every_other_worker(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """For every pair of workers: a build on the one can be streamed from the other."""
    for owner in workers:
        others = target.others(owner)
        delivered = await asyncio.gather(*(_streamed(target, owner, via) for via in others))
        for delivery in delivered:
            expect(delivery).to_be_complete_and_in_order()
            expect(delivery).to_have_ended_somehow()


@requirement("STRM-002")
async def test_a_stream_on_the_builds_own_worker_delivers_every_event_once(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Each worker streams its own build whole."""
    delivered = await asyncio.gather(*(_streamed(target, owner, owner) for owner in workers))

    for delivery in delivered:
        expect(delivery).to_be_complete_and_in_order()


@requirement("STRM-011", needs=("witness",))
async def test_events_are_streamed_as_they_happen(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The first half of the ticks arrives before the job has done its last one."""
    probe = Probe(ticks=12, interval_s=0.3, witnessed=True)
    job = await target.submit(probe, via=workers[0])

    delivered = await read_stream(job, via=workers[-1])

    last_done_s = next((seen.at_s for seen in job.sightings if seen.tick == 11), None)
    if last_done_s is None:
        raise Inconclusive("the witness did not see the job do its last tick")
    submitter_alone = "stream_once" in target.adapter.operations
    asked_s = job.submitted_s if submitter_alone else delivered.began_s or 0.0
    if asked_s > last_done_s - _LATE_S:
        # No connection was free any sooner: the job was over, or nearly so.
        raise Inconclusive("the stream was asked for so late that the job had nearly done its work")
    in_time = [e.tick for e in delivered.events if e.tick is not None and e.at_s < last_done_s]
    expect_that(
        set(in_time) >= set(range(6)),
        expected="ticks 0..5 streamed before the job did tick 11, over 1.5 s later",
        actual=IN_ONE_PIECE if _in_one_piece(delivered) else f"only ticks {in_time} came by then",
        jobs=job,
    )


@requirement("STRM-011", contracts=("langflow",), needs=("witness",))
async def test_what_was_said_before_a_pause_is_streamed_before_its_end(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The last tick before a spell without events does not wait for the first one after it."""
    probe = Probe(ticks=4, interval_s=0.05, quiet_after=1, quiet_s=3.0, witnessed=True)
    job = await target.submit(probe, via=workers[0])

    delivered = await read_stream(job, via=workers[-1])

    goes_on_s = next((seen.at_s for seen in job.sightings if seen.tick == 2), None)
    if goes_on_s is None:
        raise Inconclusive("the witness did not see the job go on after its pause")
    if (delivered.began_s or 0.0) > goes_on_s - _LATE_S:
        raise Inconclusive("the stream was asked for so late that the pause was nearly over")
    in_time = [e.tick for e in delivered.events if e.tick is not None and e.at_s < goes_on_s]
    expect_that(
        set(in_time) >= {0, 1},
        expected=f"ticks 0 and 1 streamed within the pause of {probe.quiet_s:.0f} s behind them",
        actual=IN_ONE_PIECE
        if _in_one_piece(delivered)
        else f"ticks {in_time} came within it; {len(delivered.ticks)} in all",
        jobs=job,
    )


@requirement("STRM-012")
async def test_large_events_are_streamed_whole(target: System, workers: tuple[Worker, ...]) -> None:
    """Ticks of 256 KiB each arrive, none of them cut short."""
    job = await target.submit(_LARGE, via=workers[0])

    delivered = await read_stream(job, via=workers[-1])

    sizes = {event.tick: event.size for event in delivered.events if event.tick is not None}
    whole = [tick for tick, size in sizes.items() if size >= _LARGE.payload_bytes]
    if len(whole) < _LARGE.ticks:
        require_attended(job)
    expect_that(
        len(whole) == _LARGE.ticks,
        expected=f"{_LARGE.ticks} ticks of at least {_LARGE.payload_bytes} bytes each",
        actual=f"bytes by tick: {sizes}",
        jobs=job,
    )


@requirement("STRM-013")
async def test_a_burst_of_events_is_streamed_whole(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Two thousand ticks without a pause between them all arrive."""
    job = await target.submit(_BURST, via=workers[0])

    delivered = await read_stream(job, via=workers[-1], within_s=_BURST_WITHIN_S)

    expect(delivered).to_have_lost_nothing()


@requirement("STRM-014", wait=lambda _: _QUIET_S)
async def test_a_quiet_spell_does_not_end_the_stream(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """After a pause in the middle of the job its events go on arriving."""
    probe = Probe(ticks=6, interval_s=0.05, quiet_after=2, quiet_s=_QUIET_S)
    job = await target.submit(probe, via=workers[0])

    delivered = await read_stream(job, via=workers[-1])

    expect(delivered).to_have_lost_nothing()
    if _in_one_piece(delivered):
        raise Inconclusive(f"{IN_ONE_PIECE}, so that no pause was to be seen")
    if delivered.longest_silence_s < _QUIET_S - _LATE_S:
        raise Inconclusive("the reader came so late that it saw too little of the pause")


def _in_one_piece(delivered: Delivery) -> bool:
    """Whether events that were made over seconds all came at once."""
    times = [event.at_s for event in delivered.events]
    return len(times) > 2 and times[-1] - times[0] < _AT_ONCE_S


async def _streamed(target: System, owner: Worker, via: Worker) -> Delivery:
    job = await target.submit(Probe(ticks=6, interval_s=0.1), via=owner)
    return await read_stream(job, via=via)
