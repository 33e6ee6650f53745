"""Cancels of what cannot be a job
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation).
"""

from __future__ import annotations

import asyncio

from queueproof.awkward_texts import IDS
from queueproof.case import Probe, System, Worker, expect, expect_that, read_stream, requirement
from queueproof.case_helpers.moments import all_under_way, require_under_way
from queueproof.targets.langflow.any_request import ask, job_paths

_ENOUGH = 3
#: Where requests are spaced, or answered late, the cancels take longer than the first of them.
_BESIDE = (Probe(ticks=30, interval_s=0.1), Probe(ticks=75, interval_s=0.4))


@requirement("CANC-008", contracts=("langflow",))
async def test_cancels_of_ids_that_cannot_be_are_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Ids with any character that a path may hold, patterns among them, cancel nothing."""
    for beside in _BESIDE:
        job = await target.submit(beside, via=workers[0])
        reading = asyncio.create_task(read_stream(job, via=workers[0]))

        wrong = await _cancelled_or_unclean(target, via=workers[-1])
        asked_s = target.history.now_s()

        delivered = await reading
        expect_that(
            not wrong,
            expected="none of them cancelled, and each answered cleanly",
            actual="; ".join(wrong[:5]),
            jobs=job,
        )
        expect(delivered).to_have_lost_nothing(or_else="beside cancels of ids that cannot be")
        if all_under_way([job], asked_s):
            return
    require_under_way(job, at_s=asked_s, what="the cancels")


async def _cancelled_or_unclean(target: System, *, via: Worker) -> list[str]:
    """The ids whose cancel was answered with success, or with an error of the target's own."""
    wrong: list[str] = []
    for what, job_id in IDS.items():
        if len(wrong) >= _ENOUGH:
            break
        method, path = job_paths(job_id)["a cancel"]
        reply = await ask(target, method, path, via=via)
        clean = reply.status is not None and reply.status < 500
        if not clean or reply.json.get("success") is True:
            wrong.append(f"{what}: {reply.words or reply.status}")
    return wrong
