"""Results, questions and chats whatever they hold, and very many at once
(`Flowise, "Running Flowise using Queue"`, Queue Mode and 5. Completion & Response).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from queueproof.awkward_texts import TEXTS
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
)
from queueproof.case_helpers.moments import most_under_way
from queueproof.case_helpers.settled_predictions import predict_settled
from queueproof.history import checksum_of

_AWKWARD = " | ".join(TEXTS.values())
_PLAIN = Probe(ticks=1, interval_s=0.0, words=("plain words",))
_SAYING = Probe(ticks=2, interval_s=0.0, words=(_AWKWARD,))
_HUGE = Probe(ticks=1, interval_s=0.0, payload_bytes=2_500_000, words=("\u20ac",))
#: More than web frameworks take by default, and less than what stands in front of them does.
_LONG = 300_000
_MANY = 110
_A_HUNDRED = 100
_HELD, _HELD_LONGER = (Probe(ticks=1, interval_s=waited_s) for waited_s in (2.0, 10.0))
_WITHIN_S = 60.0
_TRIES = 3
#: Ids of chats, which the client chooses: what one is like -> what stands behind a fresh one.
_CHATS = {
    "a slash": "/b",
    "colons": ":b:c",
    "an asterisk": "*",
    "a blank": " b",
    "a percent sign": "%2Fb",
    "a quote": "'\"b",
    "beyond Latin-1": "\u65e5\u672c\U0001f680",
}
#: Ends of ids that a database may take for one another.
_NEARLY_ALIKE = ("-Cafe", "-cafe", "-caf\u00e9")
#: Ends of ids of which a column may keep the beginning.
_LONG_AND_ALIKE = tuple("-long" * 60 + end for end in ("-a", "-b"))


@requirement("PRED-009")
async def test_results_and_questions_of_any_characters_come_unchanged(target: System) -> None:
    """The answer's text, and question and text in the database, are what was said."""
    [plain] = await predict_settled([new_job(target, _PLAIN)])
    if plain.text != "tick-0plain words":
        raise Inconclusive(f"the flow did not even return plain words: {plain.words} {plain.text}")
    job = new_job(target, _SAYING)
    job = replace(job, key=f"{job.key} {_AWKWARD}")

    [reply] = await predict_settled([job])
    stored = await messages(job)

    expected = "tick-1" + _AWKWARD
    wrong = [
        what
        for what, came in (
            ("the answer", [reply.text]),
            ("the result in the database", stored.content("apiMessage")),
        )
        if expected not in came
    ]
    asked = job.key in stored.content("userMessage")
    expect_that(
        not wrong and asked,
        expected="question and result unchanged, in the answer and in the database",
        actual=f"changed: {', '.join(wrong) or 'the question'}; {reply.words} "
        f"{reply.text[-120:]!a}",
        jobs=job,
    )


@requirement("PRED-009")
async def test_a_question_of_many_kilobytes_comes_unchanged(target: System) -> None:
    """A pasted document is kept to its last character."""
    job = new_job(target, _PLAIN)
    job = replace(job, key=f"{job.key} {'x' * _LONG}.")

    [plain, reply] = await predict_settled([new_job(target, _PLAIN), job])
    stored = await messages(job)

    if plain.text != "tick-0plain words" or not (reply.refused or reply.text == plain.text):
        raise Inconclusive(f"the flow did not even return plain words: {reply.words} {reply.text}")
    expect_that(
        not reply.refused,
        expected=f"a question of {len(job.key)} characters answered",
        actual=reply.words,
        jobs=job,
    )
    require_answer(stored, 200, to="the question for the chat's messages")
    came = stored.content("userMessage")
    expect_that(
        job.key in came,
        expected=f"a question of {len(job.key)} characters in the database",
        actual=f"of {', '.join(str(len(each)) for each in came) or 'none'}",
        jobs=job,
    )


@requirement("PRED-005")
async def test_a_result_of_megabytes_is_answered_whole(target: System) -> None:
    """A text of two and a half megabytes arrives, to its last character."""
    job = new_job(target, _HUGE)

    [reply] = await predict_settled([job], within_s=_WITHIN_S)

    expect_that(
        checksum_of(reply.text) == checksum_of("tick-0" + _HUGE.text_of(0)),
        expected=f"a text of {_HUGE.payload_bytes} characters and one more",
        actual=f"{reply.words[:80]} with {len(reply.text)} characters",
        jobs=job,
    )


@requirement("PRED-010", alone=True)
async def test_more_than_a_hundred_predictions_at_once_are_all_answered(target: System) -> None:
    """A hundred and ten callers wait at the same time; each gets the result of his own chat.

    Where the first were answered before the last had asked, all ask again for something longer.
    """
    await predict(new_job(target, _HELD))
    for held in (_HELD, _HELD_LONGER):
        jobs = [new_job(target, held) for _ in range(_MANY)]

        replies = await asyncio.gather(*(predict(job, within_s=_WITHIN_S) for job in jobs))

        wrong = [
            f"{reply.words[:60]} for chat {reply.body.get('chatId')}"
            for job, reply in zip(jobs, replies, strict=True)
            if reply.text != "tick-0" or reply.body.get("chatId") != job.id
        ]
        expect_that(
            not wrong,
            expected=f"{_MANY} answers, each with its own chat",
            actual=f"{len(wrong)} others: {'; '.join(wrong[:2])}",
            jobs=tuple(jobs[:2]),
        )
        if (most := most_under_way(target, *jobs, kind="predict")) > _A_HUNDRED:
            return
    raise Inconclusive(f"no more than {most} of {_MANY} callers waited at the same time")


@requirement("PRED-011")
async def test_a_chat_may_have_any_id(target: System) -> None:
    """The client chooses it: results and messages are found under it all the same."""
    named = {what: new_job(target, _PLAIN) for what in _CHATS}
    jobs = {what: replace(job, id=job.id + _CHATS[what]) for what, job in named.items()}

    replies = await predict_settled(list(jobs.values()))
    stored = await asyncio.gather(*(messages(job) for job in jobs.values()))

    wrong = [
        f"{what}: {reply.words[:60]} for chat {reply.body.get('chatId')!a}, "
        f"{len(found.messages)} messages"
        for (what, job), reply, found in zip(jobs.items(), replies, stored, strict=True)
        if reply.body.get("chatId") != job.id or reply.text not in found.content("apiMessage")
    ]
    expect_that(
        not wrong,
        expected="each answered for its own chat, with its result in the database",
        actual="; ".join(wrong[:3]),
        jobs=tuple(jobs.values()),
    )


@requirement("PRED-011")
async def test_chats_whose_ids_are_nearly_alike_are_kept_apart(target: System) -> None:
    """Ids that differ in the case of a letter, or in an accent: each has its own messages alone.

    So have long ones that differ in their last letter, where a target takes ids of that length.
    """
    first = new_job(target, _PLAIN)
    ends = (*_NEARLY_ALIKE, *_LONG_AND_ALIKE)
    asked = [replace(new_job(target, _PLAIN), id=first.id + end) for end in ends]
    replies = await predict_settled(asked)
    taken = [reply.kind is Kind.SUCCESS for reply in replies]
    if not all(taken[: len(_NEARLY_ALIKE)]):
        raise Inconclusive(f"a prediction was not answered: {replies[taken.index(False)].words}")
    jobs = [job for job, answered in zip(asked, taken, strict=True) if answered]

    stored = await asyncio.gather(*(messages(job) for job in jobs))

    mixed = [
        f"chat …{job.id.removeprefix(first.id)[-60:]} has {len(kept)} questions, "
        f"{'its own' if job.key in kept else 'none of its own'} among them"
        for job, found in zip(jobs, stored, strict=True)
        if set(kept := found.content("userMessage")) != {job.key}
    ]
    if any(found.status != 200 for found in stored):
        raise Inconclusive("the messages of a chat were not told")
    expect_that(
        not mixed,
        expected="each of the chats has its own question, and no other's",
        actual="; ".join(mixed[:2]),
        jobs=tuple(jobs),
    )


@requirement("PRED-012")
async def test_predictions_of_one_chat_at_once_get_their_own_results(target: System) -> None:
    """Two flows are asked in the same chat at the same moment; each takes long enough for that."""
    for _ in range(_TRIES):  # a database that other cases have locked says nothing of this one
        first = new_job(target, Probe(ticks=17, interval_s=0.1))
        second = replace(new_job(target, Probe(ticks=20, interval_s=0.1)), id=first.id)
        replies = await asyncio.gather(*(predict(job) for job in (first, second)))
        if all(reply.kind is not Kind.SERVER_ERROR for reply in replies):
            break

    texts = [reply.text for reply in replies]
    expect_that(
        texts == ["tick-16", "tick-19"],
        expected="each caller answered with his own flow's last tick",
        actual=f"{texts} ({'; '.join(reply.words[:60] for reply in replies)})",
        jobs=(first, second),
    )
