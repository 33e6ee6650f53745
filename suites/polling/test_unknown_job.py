"""A poll for a job that never existed (completes `Langflow 1.10, "Deploy Langflow with multiple
workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.case import System, Worker, expect_refusal, requirement


@requirement("POLL-007")
async def test_a_poll_for_a_job_that_never_existed_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It is refused at once, not held as if the job might still come."""
    reply = await target.poll(target.unknown_job(), via=workers[-1], within_s=target.patience_s)

    expect_refusal(reply, to=f"a poll of an unknown job, within {target.timings.answer_s:.1f} s,")
