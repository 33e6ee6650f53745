"""What an event says arrives as it was said, whatever it is and however much of it there is
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.awkward_texts import WORDS
from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    read_stream,
    requirement,
)

_AWKWARD = Probe(ticks=len(WORDS), interval_s=0.02, words=WORDS)


@requirement("STRM-016")
async def test_texts_of_any_characters_are_streamed_unchanged(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Texts beyond Latin-1, with control characters, line breaks, quotes, come as they were."""
    job = await target.submit(_AWKWARD, via=workers[0])

    delivered = await read_stream(job, via=workers[-1])

    expect(delivered).to_be_unchanged()


@requirement("STRM-017")
async def test_a_stream_is_properly_closed_after_its_terminal_event(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The body is neither broken off nor left open; every line of it is an event."""
    for worker in dict.fromkeys((workers[0], workers[-1])):
        job = await target.submit(Probe(ticks=3, interval_s=0.05), via=workers[0])
        delivered = await read_stream(job, via=worker)
        if delivered.ending is not Ending.COMPLETED:
            raise Inconclusive(f"the job did not complete: {delivered.ending.value}")
        expect_that(
            not delivered.detail,
            expected="the stream's body is complete once the terminal event has come",
            actual=f"worker {worker}: {delivered.detail}",
            jobs=job,
        )
        expect(delivered).to_consist_of_events()
