"""Whether a worker is of full use: its builds are read whole elsewhere, and cancelled from there.

For what follows something that may have used it up: a crowd of jobs, a death. No witness is needed,
since readers are told what became of a cancel. To be asked before and after: a target on which no
worker is of full use is another requirement's matter.
"""

from __future__ import annotations

from queueproof.checkers.delivery import check_delivery
from queueproof.config.deadlines import stopped_within_s
from queueproof.expectations import expect_that
from queueproof.probe import Probe
from queueproof.targets.job import Ending
from queueproof.targets.reading import read_stream
from queueproof.targets.system import System
from queueproof.targets.worker import Worker

_READ = Probe(ticks=5, interval_s=0.05)
_CANCELLED = Probe(ticks=600, interval_s=0.1)
_ENDED = (Ending.CANCELLED, Ending.FAILED)


async def what_it_lacks(target: System, worker: Worker) -> str:
    """Empty where a build of `worker` is read whole on another one, and one beside it cancelled
    there.
    """
    other = (target.others(worker) or [worker])[-1]
    cancelled, read = [await target.submit(probe, via=worker) for probe in (_CANCELLED, _READ)]
    delivered = await read_stream(read, via=other)
    reply = await target.cancel(cancelled, via=other)
    within_s = stopped_within_s(target.timings)
    told = await read_stream(cancelled, via=other, within_s=within_s)

    findings = check_delivery(_READ.expected_ticks, delivered.ticks)
    if not findings.clean:
        return f"a build was read elsewhere with {findings.words}, then: {delivered.ending.value}"
    if not reply.claims_success or told.ending not in _ENDED:
        return (
            f"a cancel elsewhere was answered {reply.words}; {within_s:.0f} s later the build's "
            f"reader had seen: {told.ending.value} after {len(told.ticks)} ticks"
        )
    return ""


async def expect_as_before(target: System, worker: Worker, *, lacked: str, when: str) -> None:
    """Expect `worker` to be of full use, unless something was lacking before already."""
    if lacked:
        return
    lacks = await what_it_lacks(target, worker)
    expect_that(
        not lacks,
        expected=f"a build read whole, and one cancelled, at another worker {when}, as before",
        actual=lacks,
    )
