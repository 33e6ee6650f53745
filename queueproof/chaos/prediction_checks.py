"""Whether the service of predictions is whole: streams, results, aborts, and every worker."""

from __future__ import annotations

import asyncio

from queueproof.chaos.stopping import stops_in_time
from queueproof.checkers.delivery import check_delivery
from queueproof.probe import Probe
from queueproof.targets.answers import Kind
from queueproof.targets.job import Ending, Job
from queueproof.targets.predictions import make_ready, new_job, predict
from queueproof.targets.reading import read_stream
from queueproof.targets.system import System
from queueproof.waiting import eventually

CANARY = Probe(ticks=3, interval_s=0.05, witnessed=True)
CANCELLED = Probe(ticks=24, interval_s=0.25, witnessed=True)
_CANARY_S = 6.0
_COVERED_S = 4.0
_STILL_S = 4 * CANCELLED.interval_s
_EACH = 2


async def ready(system: System, probes: set[Probe]) -> None:
    """Make the flows of these probes, which during an outage may not be possible."""
    await make_ready(system, {CANARY, CANCELLED, *probes})


async def predictions_lack(system: System) -> str:
    """What of the service does not work; empty when all of it does."""
    troubles = await asyncio.gather(_no_stream(system), _no_result(system), _no_abort(system))
    return next(filter(None, troubles), "") or await _idle(system)


async def _no_stream(system: System) -> str:
    job, reply = await system.try_submit(CANARY)
    if job is None:
        return f"a streamed prediction gets {reply.words}"
    read = await read_stream(job, within_s=_CANARY_S)
    found = check_delivery(CANARY.expected_ticks, read.ticks)
    if read.ending is Ending.COMPLETED and found.clean:
        return ""
    return f"a streamed prediction: {read.ending.value} {read.detail}, {found.words} wrong"


async def _no_result(system: System) -> str:
    reply = await predict(new_job(system, CANARY), within_s=_CANARY_S)
    if reply.kind is Kind.SUCCESS and reply.text == f"tick-{CANARY.ticks - 1}":
        return ""
    return f"a prediction gets {reply.words or repr(reply.text)}"


async def _no_abort(system: System) -> str:
    job, reply = await system.try_submit(CANCELLED)
    if job is None:
        return f"a streamed prediction gets {reply.words}"
    reading = asyncio.create_task(read_stream(job, within_s=_CANARY_S))
    try:
        _, begun = await eventually(lambda: _done(job), bool, within_s=_CANARY_S)
        if not begun:
            return "a prediction is accepted, and nobody runs it"
        answer = await system.cancel(job)
        if not answer.claims_success:
            return f"an abort gets {answer.words}"
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return (
        "" if await stops_in_time(job, still_s=_STILL_S) else "a prediction goes on after its abort"
    )


async def _idle(system: System) -> str:
    """Which worker takes no job though it could; asked where it can be seen who does which."""
    wanted = {member.label for member in system.crew if member.pid is not None}
    seen: set[str | None] = set()

    async def missing() -> set[str]:
        jobs = [new_job(system, CANARY) for _ in range(_EACH * len(wanted))]
        await asyncio.gather(*(predict(job, within_s=_CANARY_S) for job in jobs))
        seen.update(system.witness.worker_of(job.key) for job in jobs)
        return wanted - seen

    if not wanted:
        return ""
    left, all_seen = await eventually(missing, lambda some: not some, within_s=_COVERED_S)
    return "" if all_seen else f"{', '.join(sorted(left))} takes no jobs"


async def _done(job: Job) -> int:
    return len(job.sightings)
