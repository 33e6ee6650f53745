"""A stream for a job that never existed (completes `Langflow 1.10, "Deploy Langflow with multiple
workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.case import StreamUnanswered, System, Worker, expect_that, requirement


@requirement("STRM-010")
async def test_a_stream_for_a_job_that_never_existed_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It is refused at once, not opened as if the job might still come."""
    try:
        async with target.stream(target.unknown_job(), via=workers[-1]) as stream:
            refused, words = stream.reply.refused, stream.reply.words
    except StreamUnanswered as silence:
        refused, words = False, str(silence)

    expect_that(
        refused,
        expected=f"a refusal (4xx) within {target.timings.answer_s:.1f} s",
        actual=words,
    )
