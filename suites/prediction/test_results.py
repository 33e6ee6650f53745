"""Whoever waits for a prediction gets its own result
(`Flowise, "Running Flowise using Queue"`, Queue Mode and 5. Completion & Response).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    eventually,
    expect_refusal,
    expect_that,
    messages,
    new_job,
    predict,
    read_stream,
    requirement,
    stream_unknown_flow,
    throughout,
)
from queueproof.case_helpers.settled_predictions import predict_settled

SHORT = Probe(ticks=3, interval_s=0.05)
LARGE = Probe(ticks=1, interval_s=0.0, payload_bytes=256 * 1024)
BRIEF = Probe(ticks=1, interval_s=0.0)
_SIDE_BY_SIDE = 6
#: More than pages of fifty or a hundred messages, or of as many predictions.
_A_HUNDRED, _ASKED, _AT_ONCE = 100, 120, 2
#: Not let in, no such flow, too often: these say nothing of the flow's own failure.
_NOT_OF_THE_FLOW = (401, 403, 404, 429)
_GONE_AFTER_S = 0.3
_TRIES = 3
_STILL_S = 1.0


@requirement("PRED-001")
async def test_a_prediction_is_answered_with_the_flows_result(target: System) -> None:
    """The answer carries the text that the flow's last node returned."""
    job = new_job(target, SHORT)

    [reply] = await predict_settled([job])

    expect_that(
        reply.kind is Kind.SUCCESS and reply.text == "tick-2",
        expected="200 with the last node's text, tick-2",
        actual=f"{reply.words} with {reply.text[:80]!r}",
        jobs=job,
    )


@requirement("PRED-002")
async def test_predictions_side_by_side_get_their_own_results(target: System) -> None:
    """Flows of different lengths at the same time: every caller gets his flow's result."""
    probes = [Probe(ticks=ticks, interval_s=0.1) for ticks in range(1, _SIDE_BY_SIDE + 1)]
    jobs = [new_job(target, probe) for probe in probes]

    replies = await predict_settled(jobs)

    wrong = [
        f"{job.probe.ticks} ticks: {reply.words} {reply.text[:20]!r} for chat "
        f"{'its own' if reply.body.get('chatId') == job.id else reply.body.get('chatId')}"
        for job, reply in zip(jobs, replies, strict=True)
        if reply.text != f"tick-{job.probe.ticks - 1}" or reply.body.get("chatId") != job.id
    ]
    expect_that(
        not wrong,
        expected=f"{len(jobs)} answers, each with its own flow's last tick and chat",
        actual="; ".join(wrong),
        jobs=tuple(jobs),
    )


@requirement("PRED-003")
async def test_an_answered_result_stands_in_the_database(target: System) -> None:
    """Question and result are among the chat's messages as soon as the caller has his answer."""
    job = new_job(target, SHORT)
    answer = await predict(job)
    if answer.kind is not Kind.SUCCESS:
        raise Inconclusive(f"the prediction was answered {answer.words}")

    stored = await messages(job)

    if stored.status != 200:
        raise Inconclusive(f"the chat's messages could not be read: {stored.words}")
    expect_that(
        answer.text in stored.content("apiMessage") and job.key in stored.content("userMessage"),
        expected=f"the question and {answer.text!r} among the chat's messages",
        actual=f"{len(stored.messages)} messages: {[*stored.content('apiMessage')][:3]}",
        jobs=job,
    )


@requirement("PRED-003")
async def test_a_streamed_result_stands_in_the_database(target: System) -> None:
    """Whoever streamed an answer finds it among the chat's messages, as if he had waited for it."""
    job = await target.submit(SHORT)
    read = await read_stream(job)
    if read.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the stream ended otherwise: {read.ending.value} {read.detail}")

    stored, kept = await eventually(
        lambda: messages(job),
        lambda found: "tick-2" in found.content("apiMessage"),
        within_s=target.timings.answer_s,
    )

    if stored.status != 200:
        raise Inconclusive(f"the chat's messages could not be read: {stored.words}")
    expect_that(
        kept and job.key in stored.content("userMessage"),
        expected="the question and 'tick-2' among the chat's messages",
        actual=f"{len(stored.messages)} messages: {[*stored.content('apiMessage')][:3]}",
        jobs=job,
    )


@requirement("PRED-003")
async def test_a_chat_has_its_messages_after_more_than_a_hundred_others(target: System) -> None:
    """A chat was asked once; then others talk to the same flow. Whoever looks among a page of the
    latest messages does not find it any more.
    """
    quiet = new_job(target, BRIEF)
    before = await _answered(quiet)
    if before not in (await messages(quiet)).content("apiMessage"):
        raise Inconclusive("the result was not among the chat's messages before")
    turn = asyncio.Semaphore(_AT_ONCE)

    async def talk() -> bool:
        async with turn:
            return (await predict(new_job(target, BRIEF))).kind is Kind.SUCCESS

    # Side by side a database may be locked, for any of them: a few are not missed.
    answered = sum(await asyncio.gather(*(talk() for _ in range(_ASKED))))
    if answered <= _A_HUNDRED:
        raise Inconclusive(f"{answered} of {_ASKED} predictions in other chats were answered")

    stored = await messages(quiet)

    if stored.status != 200:
        raise Inconclusive(f"the chat's messages could not be read: {stored.words}")
    expect_that(
        before in stored.content("apiMessage") and quiet.key in stored.content("userMessage"),
        expected=f"question and {before!r} among the chat's messages after {answered} "
        "predictions in other chats",
        actual=f"{len(stored.messages)} messages, which it had before",
        jobs=quiet,
    )


async def _answered(job: Job) -> str:
    """The text that a prediction is answered with, whose result the database then has."""
    [reply] = await predict_settled([job])
    if reply.kind is not Kind.SUCCESS:
        raise Inconclusive(f"a prediction was answered {reply.words}")
    return reply.text


@requirement("PRED-004")
async def test_a_failing_flow_is_answered_with_an_error(target: System) -> None:
    """Its caller gets an error, neither a result nor silence."""
    job = new_job(target, Probe(ticks=3, interval_s=0.05, fail_at=1))

    reply = await predict(job)

    expect_that(
        reply.ending is Ending.FAILED and reply.status not in _NOT_OF_THE_FLOW,
        expected=f"the flow's error within {target.within(job.probe):.0f} s",
        actual=f"{reply.words} {reply.text[:40]!r}".strip(),
        jobs=job,
    )


@requirement("PRED-005")
async def test_a_large_result_is_answered_whole(target: System) -> None:
    """A text of 256 KiB arrives, not cut short."""
    job = new_job(target, LARGE)

    [reply] = await predict_settled([job])

    expect_that(
        len(reply.text) >= LARGE.payload_bytes,
        expected=f"a text of at least {LARGE.payload_bytes} characters",
        actual=f"{reply.words} with {len(reply.text)} characters",
        jobs=job,
    )


@requirement("PRED-006")
async def test_a_caller_who_goes_away_disturbs_nobody(target: System) -> None:
    """The one who stays, and the one who comes afterwards, get their results.

    Where a server error is met all of it is done again: it may be of a database that other
    predictions had locked. One that comes every time is the answer.
    """
    probe = Probe(ticks=10, interval_s=0.1)
    for _ in range(_TRIES):
        staying, leaving, coming = (new_job(target, probe) for _ in range(3))
        stayed, _ = await asyncio.gather(predict(staying), predict(leaving, within_s=_GONE_AFTER_S))
        came = await predict(coming)
        if Kind.SERVER_ERROR not in (stayed.kind, came.kind):
            break

    last = f"tick-{probe.ticks - 1}"
    expect_that(
        stayed.kind is came.kind is Kind.SUCCESS and stayed.text == came.text == last,
        expected=f"200 with {last} to the caller who stayed and to the one who came afterwards",
        actual=f"{stayed.words} {stayed.text!r} and {came.words} {came.text!r}",
        jobs=(staying, coming),
    )


@requirement("PRED-007")
async def test_a_streamed_prediction_of_an_unknown_flow_is_refused(target: System) -> None:
    """It is answered, with a refusal."""
    reply = await stream_unknown_flow(target)

    expect_refusal(
        reply,
        to=f"a streamed prediction of an unknown flow, within {target.timings.answer_s:.1f} s,",
    )


@requirement("PRED-008")
async def test_each_job_is_run_once(target: System) -> None:
    """The witness sees every tick of every job, and none of them twice."""
    probe = Probe(ticks=3, interval_s=0.1, witnessed=True)
    jobs = [new_job(target, probe) for _ in range(_SIDE_BY_SIDE)]
    replies = await asyncio.gather(*(predict(job) for job in jobs))
    lost = [reply.words for reply in replies if reply.kind is not Kind.SUCCESS]
    if lost:
        raise Inconclusive(f"{len(lost)} predictions were not answered well: {lost[0]}")

    async def done() -> list[list[int]]:
        return [[seen.tick for seen in job.sightings] for job in jobs]

    seen, _ = await throughout(done, lambda ticks: all(len(t) <= 3 for t in ticks), for_s=_STILL_S)
    expect_that(
        all(ticks == [0, 1, 2] for ticks in seen),
        expected=f"each of {len(jobs)} jobs does ticks 0, 1, 2 once",
        actual=f"ticks done: {seen}",
        jobs=tuple(jobs),
    )
