"""Streams of clients that take compressed answers: the job that is streamed, and the verdict on it.

What compresses a body may hold back what it was given until there is more of it. Each contract asks
for such a stream in its own way; what must have come of it, and when, is the same.
"""

from __future__ import annotations

from queueproof.expectations import expect_that
from queueproof.probe import Probe
from queueproof.targets.in_front import IN_ONE_PIECE
from queueproof.targets.job import Job
from queueproof.targets.raw_replies import Streamed

STREAMED = Probe(ticks=12, interval_s=0.3, witnessed=True)
#: Ticks that must have come before the last one is done, and how long before it they are done.
HALF = range(6)
LATE_S = 1.5
TAKES_GZIP = {"Accept-Encoding": "gzip"}


def expect_half_before(last_done_s: float, streamed: Streamed, *, of: Job) -> None:
    """The first half of the ticks of a `STREAMED` job came before it had done its last one."""
    came = {event.tick: event.at_s for event in streamed.events if event.tick is not None}
    in_time = sorted(tick for tick, at_s in came.items() if at_s < last_done_s)
    coding = streamed.headers.get("content-encoding")
    expect_that(
        set(in_time) >= set(HALF),
        expected="ticks 0..5 streamed before the job did tick 11, over 1.5 s later, to a client "
        "that takes gzip as well",
        actual=f"ticks {in_time} came by then, in the coding {coding}: something compresses, and "
        "does not flush after each event"
        if coding
        else f"ticks {in_time} came by then; {IN_ONE_PIECE}",
        jobs=of,
    )
