"""Streamed predictions of clients that take compressed answers, as every browser does
(completes `Flowise, "Running Flowise using Queue"`, 4. Real-time Communication).
"""

from __future__ import annotations

from queueproof.case import Inconclusive, Kind, System, new_job, require_answer, requirement
from queueproof.case_helpers.compressed_streams import (
    HALF,
    LATE_S,
    STREAMED,
    TAKES_GZIP,
    expect_half_before,
)
from queueproof.targets.flowise.any_request import stream_in_chat


@requirement("STRM-011", contracts=("flowise",), needs=("witness",))
async def test_predictions_are_streamed_as_they_happen_to_clients_that_take_compressed_answers(
    target: System,
) -> None:
    """The first half of the ticks arrives before the job has done its last one."""
    job = new_job(target, STREAMED)

    streamed = await stream_in_chat(job, headers=TAKES_GZIP)

    require_answer(streamed, Kind.SUCCESS, to="a stream that may be compressed")
    done_s = {seen.tick: seen.at_s for seen in job.sightings}
    last_done_s = done_s.get(STREAMED.ticks - 1)
    if last_done_s is None:
        raise Inconclusive("the witness did not see the job do its last tick")
    if last_done_s - done_s.get(HALF[-1], last_done_s) < LATE_S:
        raise Inconclusive("the job did its last ticks nearly at once")
    expect_half_before(last_done_s, streamed, of=job)
