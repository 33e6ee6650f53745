"""Streamed predictions of clients that take compressed answers, as every browser does
(completes `Flowise, "Running Flowise using Queue"`, 4. Real-time Communication).
"""

from __future__ import annotations

from queueproof.case import (
    IN_ONE_PIECE,
    Inconclusive,
    Kind,
    Probe,
    System,
    expect_that,
    new_job,
    require_answer,
    requirement,
)
from queueproof.history import EventKind
from queueproof.targets.flowise.any_request import stream_in_chat

_PROBE = Probe(ticks=12, interval_s=0.3, witnessed=True)
_HALF = range(6)
_LATE_S = 1.5


@requirement("STRM-011", contracts=("flowise",), needs=("witness",))
async def test_predictions_are_streamed_as_they_happen_to_clients_that_take_compressed_answers(
    target: System,
) -> None:
    """The first half of the ticks arrives before the job has done its last one."""
    job = new_job(target, _PROBE)

    streamed = await stream_in_chat(job, headers={"Accept-Encoding": "gzip"})

    require_answer(streamed, Kind.SUCCESS, to="a stream that may be compressed")
    done_s = {seen.tick: seen.at_s for seen in job.sightings}
    last_done_s = done_s.get(_PROBE.ticks - 1)
    if last_done_s is None:
        raise Inconclusive("the witness did not see the job do its last tick")
    if last_done_s - done_s.get(_HALF[-1], last_done_s) < _LATE_S:
        raise Inconclusive("the job did its last ticks nearly at once")
    came = {e.tick: e.at_s for e in streamed.events if e.kind is EventKind.TICK}
    in_time = sorted(tick for tick, at_s in came.items() if tick is not None and at_s < last_done_s)
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
