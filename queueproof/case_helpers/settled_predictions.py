"""Predictions of cases that are about what is answered, not about how many may ask at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.targets.answers import Kind
from queueproof.targets.job import Job
from queueproof.targets.predictions import PredictReply, predict

_TRIES = 3


async def predict_settled(
    jobs: Sequence[Job], *, within_s: float | None = None
) -> list[PredictReply]:
    """The answers to predictions that are asked side by side, in the order of the jobs.

    One that met a server error is asked again, alone: a database that others have locked says
    nothing of what the prediction is about. An error that comes every time is the answer.
    """
    replies = await asyncio.gather(*(predict(job, within_s=within_s) for job in jobs))
    return [await _insisted(job, reply, within_s) for job, reply in zip(jobs, replies, strict=True)]


async def _insisted(job: Job, reply: PredictReply, within_s: float | None) -> PredictReply:
    for _ in range(_TRIES - 1):
        if reply.kind is not Kind.SERVER_ERROR:
            break
        reply = await predict(job, within_s=within_s)
    return reply
