"""What an event says arrives by polls as it was said, whatever it is and however much there is
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.awkward_texts import WORDS
from queueproof.case import (
    Probe,
    System,
    Worker,
    expect,
    poll_until_terminal,
    requirement,
)

_AWKWARD = Probe(ticks=len(WORDS), interval_s=0.02, words=WORDS)
_LARGE = Probe(ticks=3, interval_s=0.05, payload_bytes=256 * 1024, words=("\u20ac",))


@requirement("POLL-013")
async def test_texts_of_any_characters_are_polled_unchanged(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Texts beyond Latin-1, with control characters, line breaks, quotes, come as they were."""
    job = await target.submit(_AWKWARD, via=workers[0])

    delivered = await poll_until_terminal(job, via=workers[-1])

    expect(delivered).to_consist_of_events()
    expect(delivered).to_be_unchanged()


@requirement("POLL-014")
async def test_large_events_are_polled_whole(target: System, workers: tuple[Worker, ...]) -> None:
    """Events of a quarter of a mebibyte, to the last character."""
    job = await target.submit(_LARGE, via=workers[0])

    delivered = await poll_until_terminal(job, via=workers[-1])

    expect(delivered).to_be_unchanged()
