"""A stream for a job that never existed (completes `Langflow 1.10, "Deploy Langflow with multiple
workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.case import StreamUnanswered, System, Violation, Worker, expect_refusal, requirement


@requirement("STRM-010")
async def test_a_stream_for_a_job_that_never_existed_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It is refused at once, not opened as if the job might still come."""
    try:
        async with target.stream(target.unknown_job(), via=workers[-1]) as stream:
            expect_refusal(
                stream.reply, to="a stream of an unknown job", by=f"worker {workers[-1]}"
            )
    except StreamUnanswered as silence:
        raise Violation(
            expected=f"a refusal (4xx) within {target.timings.answer_s:.1f} s", actual=str(silence)
        ) from None
