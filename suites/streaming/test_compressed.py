"""Streams of clients that take compressed answers, as every browser does
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).

What compresses a body may hold back what it was given until there is more of it.
"""

from __future__ import annotations

from queueproof.case import (
    IN_ONE_PIECE,
    Inconclusive,
    Kind,
    Probe,
    System,
    Worker,
    expect_that,
    require_answer,
    require_attended,
    requirement,
)
from queueproof.targets.langflow.any_request import stream_with

_PROBE = Probe(ticks=12, interval_s=0.3, witnessed=True)
_HALF = range(6)
_LATE_S = 1.5


@requirement("STRM-011", contracts=("langflow",), needs=("witness",))
async def test_events_are_streamed_as_they_happen_to_clients_that_take_compressed_answers(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The first half of the ticks arrives before the job has done its last one."""
    job = await target.submit(_PROBE, via=workers[0])
    asked_s = target.history.now_s()

    streamed = await stream_with(
        target,
        job,
        {"Accept-Encoding": "gzip"},
        via=workers[-1],
        within_s=target.within(_PROBE),
    )

    require_answer(streamed, Kind.SUCCESS, to="a stream that may be compressed")
    last_done_s = next((seen.at_s for seen in job.sightings if seen.tick == _PROBE.ticks - 1), None)
    if last_done_s is None:
        raise Inconclusive("the witness did not see the job do its last tick")
    if asked_s > last_done_s - _LATE_S:
        raise Inconclusive("the stream was asked for so late that the job had nearly done its work")
    came = {event.tick: event.at_s for event in streamed.events if event.tick is not None}
    in_time = sorted(tick for tick, at_s in came.items() if at_s < last_done_s)
    if not came:
        require_attended(job)
    coding = streamed.headers.get("content-encoding")
    expect_that(
        set(in_time) >= set(_HALF),
        expected="ticks 0..5 streamed before the job did tick 11, over 1.5 s later, to a client "
        "that takes gzip as well",
        actual=f"ticks {in_time} came by then, in the coding {coding}: something compresses, and "
        "does not flush after each event"
        if coding
        else f"ticks {in_time} came by then; {IN_ONE_PIECE}",
        jobs=job,
    )
