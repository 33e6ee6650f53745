"""Streams of clients that take compressed answers, as every browser does
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Kind,
    System,
    Worker,
    require_answer,
    require_attended,
    requirement,
)
from queueproof.case_helpers.compressed_streams import (
    LATE_S,
    STREAMED,
    TAKES_GZIP,
    expect_half_before,
)
from queueproof.targets.langflow.any_request import stream_with


@requirement("STRM-011", contracts=("langflow",), needs=("witness",))
async def test_events_are_streamed_as_they_happen_to_clients_that_take_compressed_answers(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The first half of the ticks arrives before the job has done its last one."""
    job = await target.submit(STREAMED, via=workers[0])
    asked_s = target.history.now_s()

    streamed = await stream_with(
        target, job, TAKES_GZIP, via=workers[-1], within_s=target.within(STREAMED)
    )

    require_answer(streamed, Kind.SUCCESS, to="a stream that may be compressed")
    last = STREAMED.ticks - 1
    last_done_s = next((seen.at_s for seen in job.sightings if seen.tick == last), None)
    if last_done_s is None:
        raise Inconclusive("the witness did not see the job do its last tick")
    if asked_s > last_done_s - LATE_S:
        raise Inconclusive("the stream was asked for so late that the job had nearly done its work")
    if all(event.tick is None for event in streamed.events):
        require_attended(job)
    expect_half_before(last_done_s, streamed, of=job)
