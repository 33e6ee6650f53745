"""What a job is given arrives whole at whoever takes it
(`queueproof, "Any other queue"`, Contents).

A probe computes what it was given, so that its result shows what arrived.
"""

from __future__ import annotations

import asyncio

from queueproof.awkward_texts import TEXTS
from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    expect_that,
    read_job,
    requirement,
    result,
)
from queueproof.targets.generic.probe_values import answer_of

_PLAIN = "plain"
_PLAIN_WORDS = "plain words"
#: What a decoder takes for something else, if it is asked to find out.
_LOOK_LIKE_MORE = (
    "007.50",
    "12345678901234567890123",
    "null",
    "true",
    '{"a": [1, null]}',
    '"quoted"',
    "2026-01-02",
    " blanks ",
    "NaN",
)
_MEBIBYTE = 1 << 20
#: Besides its padding a job is given its name and how long it shall work.
_REST_BYTES = 400
_SHOWN = 60


@requirement("PROM-022")
async def test_texts_arrive_as_they_were_submitted(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One job for each awkward text, over all workers; one that is refused is not lost."""

    async def wrong(number: int, text: str) -> str:
        at = workers[number % len(workers)]
        job, _ = await target.try_submit(Probe(ticks=1, interval_s=0.02, answer=text), via=at)
        return await _what_is_wrong(job) if job else ""

    told = await asyncio.gather(*(wrong(n, text) for n, text in enumerate(TEXTS.values())))

    differing = {what: words for what, words in zip(TEXTS, told, strict=True) if words}
    if _PLAIN in differing:
        raise Inconclusive(f"not even plain words came back: {differing[_PLAIN]}")
    expect_that(
        not differing,
        expected="every text comes back as it was submitted",
        actual=f"{len(differing)} of {len(TEXTS)} did not: "
        + "; ".join(f"{what}: {words}" for what, words in list(differing.items())[:3]),
    )


@requirement("PROM-022")
async def test_texts_that_look_like_something_else_arrive_as_texts(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Each is all that its job is given: a number, a word of JSON, blanks before and behind."""

    async def wrong(number: int, text: str) -> str:
        at = workers[number % len(workers)]
        probe = Probe(ticks=1, interval_s=0.02, answer=text, answer_alone=True)
        job, _ = await target.try_submit(probe, via=at)
        return await _what_is_wrong(job) if job else ""

    texts = (_PLAIN_WORDS, *_LOOK_LIKE_MORE)
    plain, *told = await asyncio.gather(*(wrong(n, text) for n, text in enumerate(texts)))

    if plain:
        raise Inconclusive(f"not even plain words came back: {plain}")
    differing = [f"{text!r}: {words}" for text, words in zip(texts[1:], told, strict=True) if words]
    expect_that(
        not differing,
        expected="every text comes back as it was submitted",
        actual=f"{len(differing)} of {len(told)} did not: {'; '.join(differing[:3])}",
    )


@requirement("PROM-023")
async def test_a_large_job_arrives_whole(target: System, workers: tuple[Worker, ...]) -> None:
    """As large as is promised, a mebibyte at most."""
    promised = target.promises.payload_bytes if target.promises else 0
    size = max(0, min(promised, _MEBIBYTE) - _REST_BYTES)
    probe = Probe(ticks=1, interval_s=0.02, answer_bytes=size)
    job, reply = await target.try_submit(probe, via=workers[0])
    expect_that(
        job is not None,
        expected=f"a job of {size} bytes accepted, as promised",
        actual=reply.words,
    )
    assert job is not None

    words = await _what_is_wrong(job)

    expect_that(not words, expected=f"{size} bytes come back whole", actual=words, jobs=job)


async def _what_is_wrong(job: Job) -> str:
    """Empty for a result that is what the job was given."""
    ending = (await read_job(job)).ending
    if ending is not Ending.COMPLETED:
        return f"the job was told as {ending.value}"
    told = str((await result(job)).result)
    wanted = answer_of(job.key, job.probe)
    if told == wanted:
        return ""
    if len(told) != len(wanted):
        return f"{len(told)} characters instead of {len(wanted)}, ending in {told[-_SHOWN:]!r}"
    return f"{told[-_SHOWN:]!r}"
