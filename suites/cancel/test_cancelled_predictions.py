"""What a cancel promises where a job's caller waits for its result
(completes `Flowise, "Running Flowise using Queue"`, 3. Worker Processing).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    expect_answer,
    expect_that,
    new_job,
    predict,
    read_stream,
    requirement,
    stops,
    work_begun,
)
from queueproof.case_helpers.moments import require_under_way

_FLOWISE = ("flowise",)
WORK = Probe(ticks=60, interval_s=0.2, witnessed=True)
_OTHER = Probe(ticks=12, interval_s=0.2, witnessed=True)
_ABORTED = Probe(ticks=6, interval_s=0.2, witnessed=True)
_ALIKE = Probe(ticks=15, interval_s=0.2, witnessed=True)
BESIDE = Probe(ticks=15, interval_s=0.2)


@requirement("CANC-006", contracts=_FLOWISE, needs=("witness",))
async def test_a_second_abort_is_answered_too(target: System) -> None:
    """A repeated abort gets a clean answer, be it that nothing is left to abort."""
    job = await target.submit(WORK)
    await work_begun(job)
    await _cancel(job)

    again = await target.cancel(job)

    expect_answer(again, Kind.SUCCESS, Kind.REFUSAL, to="a repeated abort", jobs=job)


@requirement("CANC-016", contracts=_FLOWISE)
async def test_an_abort_leaves_the_jobs_beside_it_alone(target: System) -> None:
    """Jobs of the same flow do all their ticks when one of them is aborted."""
    cancelled, *beside = [await target.submit(BESIDE) for _ in range(4)]
    reading = asyncio.gather(*(read_stream(job) for job in beside))

    await _cancel(cancelled)
    answered_s = target.history.now_s()

    cut_short = [read for read in await reading if read.ending is not Ending.COMPLETED]
    expect_that(
        not cut_short,
        expected=f"the {len(beside)} jobs beside it complete",
        actual="; ".join(f"{len(read.ticks)} ticks, {read.ending.value}" for read in cut_short),
        jobs=tuple(read.job for read in cut_short),
    )
    require_under_way(*beside, at_s=answered_s, what="the abort")


@requirement("CANC-016", contracts=_FLOWISE, needs=("witness",), wait=lambda t: t.cancel_effect_s)
async def test_an_abort_leaves_its_chat_in_another_flow_and_its_next_question_alone(
    target: System,
) -> None:
    """The same chat asks another flow meanwhile, and the aborted one again afterwards.

    Afterwards is once the aborts have had their time: until then they may still be on their way to
    workers. The second one, as of an impatient client, finds nothing left to stop.
    """
    elsewhere = new_job(target, _OTHER)
    aborted = replace(new_job(target, _ABORTED), id=elsewhere.id)
    asking = asyncio.create_task(predict(elsewhere))
    await work_begun(elsewhere)
    waiting = asyncio.create_task(predict(aborted))  # the last asked in the chat: its flow's abort
    await work_begun(aborted)
    await _cancel(aborted)
    if (await waiting).kind is Kind.SUCCESS:
        raise Inconclusive("the abort came too late to end anything")
    reply = await asking
    await target.cancel(aborted)
    await asyncio.sleep(target.timings.cancel_effect_s)

    again = await predict(replace(new_job(target, _ABORTED), id=elsewhere.id))

    for answer, probe, what in (
        (reply, _OTHER, "another flow's question"),
        (again, _ABORTED, "the next question"),
    ):
        asked, last = f"{what} of a chat that was aborted", f"tick-{probe.ticks - 1}"
        expect_answer(answer, Kind.SUCCESS, to=asked, jobs=aborted)
        expect_that(
            answer.text == last,
            expected=f"{asked} to be answered with its last node's text, {last}",
            actual=f"{answer.words[:60]} with {answer.text[:60]!r}",
            jobs=aborted,
        )


@requirement("CANC-016", contracts=_FLOWISE, needs=("witness",))
async def test_an_abort_leaves_chats_alone_whose_ids_begin_alike(target: System) -> None:
    """The ids of other chats of the flow are that of the aborted one, and more."""
    aborted = new_job(target, _ALIKE)
    beside = [replace(new_job(target, _ALIKE), id=aborted.id + end) for end in ("-2", "%", "_")]
    waiting = [asyncio.create_task(predict(job)) for job in (aborted, *beside)]
    await asyncio.gather(*(work_begun(job) for job in (aborted, *beside)))
    await _cancel(aborted)
    ended, *replies = await asyncio.gather(*waiting)
    if ended.kind is Kind.SUCCESS:
        raise Inconclusive("the abort came too late to end anything")

    last = f"tick-{_ALIKE.ticks - 1}"
    wrong = [
        f"chat …{job.id.removeprefix(aborted.id)}: {reply.words[:60]} with {reply.text[:20]!r}"
        for job, reply in zip(beside, replies, strict=True)
        if reply.text != last
    ]
    expect_that(
        not wrong,
        expected=f"the other chats answered with their last node's text, {last}",
        actual="; ".join(wrong),
        jobs=(aborted, *beside),
    )


@requirement("CANC-017", contracts=_FLOWISE, wait=lambda t: t.cancel_effect_s)
async def test_the_work_stops_within_the_bound_after_the_abort_was_answered(
    target: System,
) -> None:
    """Once success is answered, ticks cease within the declared bound."""
    job = await target.submit(WORK)
    await work_begun(job)
    await _cancel(job)
    answered_s, bound_s = target.history.now_s(), target.timings.cancel_effect_s

    stopped = await stops(job, within_s=bound_s, since_s=answered_s)

    last = job.sightings[-1]
    expect_that(
        stopped,
        expected=f"no tick later than {bound_s:.1f} s after the answered abort",
        actual=f"tick {last.tick} came {last.at_s - answered_s:.1f} s after it",
        jobs=job,
    )


async def _cancel(job: Job) -> None:
    reply = await job.system.cancel(job)
    if not reply.claims_success:
        raise Inconclusive(f"the abort was not taken: {reply.words}")
