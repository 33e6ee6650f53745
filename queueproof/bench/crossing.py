"""Cancels that cross from one worker to another: asked of a worker that does not run the job.

A generator's connections lead wherever they happen to lead. Here workers are told apart, as for a
gate, so that each cancel is known to cross.
"""

from __future__ import annotations

from itertools import cycle

from queueproof.bench.measuring import Row
from queueproof.config.model import TargetConfig
from queueproof.errors import QueueproofError
from queueproof.history import History
from queueproof.load import tally
from queueproof.probe import Probe
from queueproof.targets.opening import open_system
from queueproof.targets.reading import read_until_tick
from queueproof.targets.system import System
from queueproof.targets.witness import Witness
from queueproof.targets.worker import Worker

_LONG = Probe(ticks=600, interval_s=0.05)


async def crossing_cancels(target: TargetConfig, *, rounds: int) -> Row:
    """From the cancel to the end of the job's stream, so many times, one after another.

    `why` says what kept it from being measured, where workers cannot be told apart.
    """
    history = History()
    # Probes here tell no witness, so that it need not listen.
    async with open_system(target, history=history, witness=Witness(history)) as system:
        if len(system.workers) < 2:
            return {"jobs": 0, "why": "its workers cannot be told apart from here"}
        latencies, deviant, why = tally.histogram(), 0, ""
        for _, owner in zip(range(rounds), cycle(system.workers), strict=False):
            try:
                tally.record(latencies, await _one(system, owner))
            except (QueueproofError, TimeoutError) as error:
                deviant, why = deviant + 1, str(error) or type(error).__name__
    return _row(latencies, deviant, why)


def _row(latencies: object, deviant: int, why: str) -> Row:
    row: Row = {"jobs": tally.count(latencies), "deviant_jobs": deviant}
    if row["jobs"]:
        for percentile in (50.0, 99.0):
            name = f"cancel_to_stopped_p{percentile:g}_ms"
            row[name] = round(tally.percentile_ms(latencies, percentile), 2)
    return row | ({"why": why} if why else {})


async def _one(system: System, owner: Worker) -> float:
    """Seconds from one cancel, asked of another worker, to the end of the stream at the owner."""
    job = await system.submit(_LONG, via=owner)
    async with system.stream(job, via=job.owner) as stream:
        await read_until_tick(stream, 1)
        asked_s = system.history.now_s()
        await system.cancel(job, via=system.others(job.owner)[0])
        while await stream.next_event(within_s=system.within(_LONG)) is not None:
            pass
        return system.history.now_s() - asked_s
