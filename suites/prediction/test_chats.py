"""Chats that are named oddly, or not at all, and questions that look like something else
(completes `Flowise, "Running Flowise using Queue"`, Queue Mode and 5. Completion & Response).
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    System,
    expect_that,
    messages,
    new_job,
    predict,
    require_answer,
    requirement,
    stops,
    throughout,
    work_begun,
)
from queueproof.case_helpers.settled_predictions import predict_settled
from queueproof.config.deadlines import stopped_within_s
from queueproof.targets.flowise.any_request import ask_flow, change_flow, own_flow
from queueproof.targets.raw_replies import RawReply

_PLAIN = Probe(ticks=1, interval_s=0.0, words=("plain words",))
_WORK = Probe(ticks=150, interval_s=0.2, witnessed=True)
_OFTEN = Probe(ticks=3, interval_s=0.05, witnessed=True)
_FAILING, _MENDED = Probe(ticks=2, interval_s=0.0, fail_at=1), Probe(ticks=3, interval_s=0.0)
#: What a decoder takes for something else, if it is asked to find out.
_LOOK_LIKE_MORE = (
    *("007.50", "12345678901234567890123", "null", '{"a": [1, null]}', " blanks "),
    "what is {{question}}, or {{$vars.x}}?",
)
#: What stands behind a fresh chat's id; flow and chat may be told as one word, in a path that is
#: encoded once. A plain one first.
_JOINTS = ("", "_b", ":b", "-b_c", "+b%41")
_STILL_S = 1.0


@requirement("PRED-009")
async def test_questions_that_look_like_something_else_are_kept_as_texts(target: System) -> None:
    """A number, words of JSON, a template, blanks at both ends: each is all that is asked."""
    jobs = [new_job(target, _PLAIN, key=text) for text in ("plain question", *_LOOK_LIKE_MORE)]
    replies = await predict_settled(jobs)
    stored = await asyncio.gather(*(messages(job) for job in jobs))

    for reply, found in zip(replies, stored, strict=True):
        require_answer(found, Kind.SUCCESS, to="the question for the chat's messages")
        if reply.kind is not Kind.SUCCESS and reply.kind is not Kind.REFUSAL:
            raise Inconclusive(f"a prediction was answered {reply.words}")
    if set(stored[0].content("userMessage")) != {"plain question"}:
        raise Inconclusive(f"not even a plain question was kept: {stored[0].messages[:1]}")
    wrong = [
        f"{job.key!r} as {found.content('userMessage')}"
        for job, reply, found in zip(jobs, replies, stored, strict=True)
        if reply.kind is Kind.SUCCESS and set(found.content("userMessage")) != {job.key}
    ]
    expect_that(
        not wrong,
        expected="each question among its chat's messages as it was asked",
        actual="; ".join(wrong[:3]),
        jobs=tuple(jobs),
    )


@requirement("PRED-008", needs=("witness",))
async def test_a_question_that_was_asked_before_is_run_again(target: System) -> None:
    """The same question of the same flow, in two other chats at once: the flow may act upon the
    world.
    """
    first = new_job(target, _OFTEN)
    jobs = (first, *[new_job(target, _OFTEN, key=first.key) for _ in range(2)])
    replies = [await predict(first), *await asyncio.gather(*map(predict, jobs[1:]))]
    for reply in replies:
        require_answer(reply, Kind.SUCCESS, to="the prediction")

    async def ticks() -> list[int]:
        return [seen.tick for seen in first.sightings]

    most = len(jobs) * _OFTEN.ticks
    done, _ = await throughout(ticks, lambda seen: len(seen) <= most, for_s=_STILL_S)
    if sorted(set(done)) != list(_OFTEN.expected_ticks):
        raise Inconclusive(f"the witness saw ticks {done}")
    expect_that(
        sorted(done) == sorted([*_OFTEN.expected_ticks] * len(jobs)),
        expected="every tick three times, once for each prediction with the same question",
        actual=f"ticks done: {done}",
        jobs=jobs,
    )


@requirement("PRED-001")
async def test_a_flow_that_was_mended_is_run_as_it_is_now(target: System) -> None:
    """It fails, is changed so that it does not, and is asked again in the same chat."""
    chat_id = str(uuid.uuid4())
    async with own_flow(target, _FAILING) as flow_id:

        async def asked() -> RawReply:
            return await ask_flow(
                target,
                flow_id,
                question="mended?",
                chat_id=chat_id,
                within_s=target.within(_MENDED),
            )

        broken = await asked()
        if broken.kind is Kind.SUCCESS or not broken.answered:
            raise Inconclusive(f"the flow that fails was answered {broken.words}")
        await change_flow(target, flow_id, _MENDED)

        reply = await asked()

    expect_that(
        reply.json.get("text") == "tick-2",
        expected="200 with the last node's text of the flow as it was changed, tick-2",
        actual=f"{reply.words} with {str(reply.json.get('text'))[:80]!r}",
    )


@requirement("PRED-002")
async def test_predictions_that_name_no_chat_are_not_put_into_one(target: System) -> None:
    """Callers who know nothing of each other are each told a chat of their own."""
    within_s = target.within(_PLAIN)
    async with own_flow(target, _PLAIN) as flow_id:
        replies = [
            await ask_flow(target, flow_id, question="in no chat", within_s=within_s)
            for _ in range(2)
        ]
    for reply in replies:
        require_answer(reply, Kind.SUCCESS, to="a prediction that names no chat")

    chats = [str(reply.json.get("chatId") or "") for reply in replies]

    expect_that(
        not all(chats) or len(set(chats)) == len(chats),
        expected="two predictions that name no chat answered for two chats",
        actual=f"both were answered for chat {chats[0]}",
    )


@requirement("PRED-011", needs=("witness",), wait=stopped_within_s)
async def test_a_chat_of_any_id_can_be_aborted(target: System) -> None:
    """Flow and chat may be told as one word, and are part of a path: it must not matter where that
    is cut, nor what looks as if it were encoded.
    """
    named = [new_job(target, _WORK) for _ in _JOINTS]
    jobs = [replace(job, id=job.id + end) for job, end in zip(named, _JOINTS, strict=True)]
    asking = [asyncio.create_task(predict(job)) for job in jobs]
    try:
        await asyncio.gather(*(work_begun(job) for job in jobs))
        replies = await asyncio.gather(*(target.cancel(job) for job in jobs))
        stopped = await asyncio.gather(*(stops(job) for job in jobs))
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    told = list(zip(_JOINTS, replies, stopped, strict=True))
    for reply in (replies[0], *(r for r in replies if r.kind is Kind.COME_AGAIN)):
        if not reply.claims_success:
            raise Inconclusive(f"an abort was not taken: {reply.words}")
    wrong = [
        f"chat …{end}: {reply.words}, and its work {'stopped' if gone else 'went on'}"
        for end, reply, gone in told
        if not (reply.claims_success and gone)
    ]
    if wrong and not stopped[0]:
        raise Inconclusive("not even the chat with a plain id was stopped in time")
    expect_that(
        not wrong,
        expected="an abort of each chat taken, and its work stopped",
        actual="; ".join(wrong),
        jobs=tuple(jobs),
    )
