"""Streams of what cannot be a job
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.awkward_texts import IDS
from queueproof.case import System, Worker, expect_that, requirement
from queueproof.targets.langflow.any_request import ask, job_paths

_ENOUGH = 3


@requirement("STRM-010", contracts=("langflow",))
async def test_streams_for_ids_that_cannot_be_are_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Ids with any character that a path may hold, or too long, open no stream."""
    wrong: list[str] = []
    for what, job_id in IDS.items():
        if len(wrong) >= _ENOUGH:
            break
        method, path = job_paths(job_id)["a stream"]
        reply = await ask(target, method, path, via=workers[0])
        if not reply.refused:
            wrong.append(f"{what}: {reply.words or reply.status}")

    expect_that(not wrong, expected="a refusal (4xx) of each", actual="; ".join(wrong[:5]))
