"""One round: a small job through every worker that can be told apart, and one cancel.

A worker that answers health checks and takes no job is the failure that is reported most and
noticed last, so a round asks for work. It never disturbs: a handful of jobs of a tenth of a second,
and one of a few seconds that is cancelled once it is at work.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from redis.exceptions import RedisError

from queueproof.config.model import TargetConfig
from queueproof.errors import (
    Inconclusive,
    NotAssessed,
    QueueproofError,
    TargetUnreachable,
    UsageError,
)
from queueproof.history import History
from queueproof.probe import Probe
from queueproof.targets.job import Ending, Job
from queueproof.targets.opening import open_system
from queueproof.targets.reading import poll_until_tick, read_job
from queueproof.targets.system import System
from queueproof.targets.witness import Witness
from queueproof.targets.worker import ANY_WORKER, Worker

REACHED = "reached"
WORKERS = "workers"
ACROSS = "across workers"
CANCEL = "cancel"
_JOB = Probe(ticks=3, interval_s=0.05)
_LONG = Probe(ticks=60, interval_s=0.1)
#: Operations of contracts whose jobs can be cancelled by their id.
_CANCELS = {"cancel", "monitor"}
_MOMENT_S = 1.0
_STOPPED = (Ending.CANCELLED, Ending.UNMARKED, Ending.FAILED)

#: Asks something of the target; what was wrong with the answer, empty where nothing was.
Ask = Callable[[], Awaitable[str]]


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What became of one check of a round: how long it took in seconds, and what was wrong."""

    check: str
    good: bool
    took_s: float
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Round:
    """All observations of a round, and what it cost the target."""

    observations: tuple[Observation, ...]
    operations: int
    jobs: int

    @property
    def good(self) -> bool:
        """Whether nothing was wrong."""
        return all(each.good for each in self.observations)


class Lookout:
    """Looks at a target round after round; `close` leaves nothing behind on it.

    Between two rounds the connections stay, so that workers need not be told apart anew. After a
    round in which anything was wrong everything is opened anew: a target that was restarted is as
    good as one that was not. As many workers as are declared are expected, for while replicas are
    exchanged there are more of them; as many as were ever found where none are declared.
    """

    def __init__(self, target: TargetConfig, *, within_s: float) -> None:
        self._target, self._within_s = target, within_s
        self._resources: AsyncExitStack | None = None
        self._system: System | None = None
        self._turn, self._most = 0, target.workers or 0

    async def look(self) -> Round:
        """One round; cancels go to each worker in turn.

        A target that cannot be reached is an observation. Raises UsageError for one that cannot be
        asked as it is described; once it could, whatever is wrong with it is an observation, too.
        """
        found: tuple[Observation, ...] = ()
        began_s, trouble = time.monotonic(), ""
        try:
            system = self._system or await self._open()
            reached_s = time.monotonic() - began_s
            self._most = self._target.workers or max(self._most, len(system.workers))
            found = await _asked(
                system, expected=self._most, within_s=self._within_s, turn=self._turn
            )
        except (TargetUnreachable, Inconclusive) as error:
            reached_s, trouble = time.monotonic() - began_s, str(error)
        except NotAssessed as lacking:
            raise UsageError(f"this target cannot be watched: {lacking}") from None
        except (QueueproofError, RedisError) as error:
            if not self._turn:
                raise
            reached_s, trouble = time.monotonic() - began_s, str(error)
        reached = Observation(check=REACHED, good=not trouble, took_s=reached_s, words=trouble)
        kinds = self._forget_operations()
        seen = Round(
            observations=(reached, *found), operations=len(kinds), jobs=kinds.count("submit")
        )
        self._turn += 1
        if not seen.good:
            await self.close()
        return seen

    async def close(self) -> None:
        """Tidy the target and let go of it."""
        resources, self._resources, self._system = self._resources, None, None
        if resources is not None:
            # What could not be tidied the next round removes: a watch does not end for it.
            with suppress(QueueproofError, OSError, TimeoutError):
                await resources.aclose()

    async def _open(self) -> System:
        history = History()
        witness = Witness(history)
        self._resources = AsyncExitStack()
        await witness.start_for(self._target)
        self._resources.push_async_callback(witness.stop)
        opening = open_system(self._target, history=history, witness=witness, notes=[])
        self._system = await self._resources.enter_async_context(opening)
        return self._system

    def _forget_operations(self) -> list[str]:
        """The kinds of operation of this round; a history of weeks is nobody's evidence."""
        if self._system is None:
            return []
        kinds = [operation.kind for operation in self._system.history.operations]
        self._system.history.operations.clear()
        return kinds


async def _asked(
    system: System, *, expected: int, within_s: float, turn: int
) -> tuple[Observation, ...]:
    """Every worker's job side by side; then a job and a cancel across two workers.

    What was wrong is asked once more, one thing after another.
    """
    workers = system.workers
    named = workers not in ((), (ANY_WORKER,))
    # Where nobody can be named: as many jobs as there should be workers, whoever takes them.
    seats: list[tuple[str, Worker | None]] = (
        [(f"worker {at}", at) for at in workers]
        if named
        else [(f"job {n + 1}", None) for n in range(expected or 1)]
    )

    def job(at: Worker | None, by: Worker | None) -> Ask:
        return lambda: _does_a_job(system, at, by, within_s)

    firsts = await asyncio.gather(*(_observed(name, job(at, at), within_s) for name, at in seats))
    at, by = (seats[(turn + step) % len(seats)][1] for step in (0, 1))
    asks = {name: job(at, at) for name, at in seats}
    if len(seats) > 1:
        asks[ACROSS] = job(at, by)
    if _CANCELS & system.adapter.operations:
        asks[CANCEL] = lambda: _cancels(system, at, by, within_s)
    for check in [name for name in (ACROSS, CANCEL) if name in asks]:
        firsts.append(await _observed(check, asks[check], within_s))
    # One lost answer is nobody's outage, and who waited for a worker that is gone held up others.
    found = [
        one if one.good else await _observed(one.check, asks[one.check], within_s) for one in firsts
    ]
    if named:
        words = f"{len(workers)} of {expected} found" if len(workers) < expected else ""
        found.append(Observation(check=WORKERS, good=not words, took_s=0.0, words=words))
    return tuple(found)


async def _observed(check: str, ask: Ask, within_s: float) -> Observation:
    began_s = time.monotonic()
    words = await _words_of(ask, within_s)
    took_s = time.monotonic() - began_s
    return Observation(check=check, good=not words, took_s=took_s, words=words)


async def _words_of(ask: Ask, within_s: float) -> str:
    """What was wrong; also that a connection to the worker was not to be had in time."""
    try:
        async with asyncio.timeout(within_s):
            return await ask()
    except TimeoutError:
        return f"not done within {within_s:.0f} s"
    except (TargetUnreachable, Inconclusive) as error:
        return str(error)


async def _does_a_job(system: System, at: Worker | None, by: Worker | None, within_s: float) -> str:
    """Submit at one worker, read at another or the same: what was lacking."""
    job = await system.submit(_JOB, via=at)
    read = await read_job(job, via=by, within_s=within_s)
    if read.ending is not Ending.COMPLETED:
        return f"a job submitted there: {read.ending.value}" + _in_brackets(read.detail)
    missing = len(set(_JOB.expected_ticks) - set(read.ticks))
    return (
        f"{missing} of {_JOB.ticks} events of a job submitted there did not come" if missing else ""
    )


async def _cancels(system: System, at: Worker | None, by: Worker | None, within_s: float) -> str:
    """Submit at one worker, cancel at the next: what came instead of the job's early end."""
    job = await system.submit(_LONG, via=at)
    await _until_at_work(job, at, within_s)
    reply = await system.cancel(job, via=by)
    if not reply.claims_success:
        return f"a cancel was answered with {reply.words}"
    read = await read_job(job, via=at, within_s=within_s)
    if read.ending in _STOPPED and len(read.ticks) < _LONG.ticks:
        return ""
    return (
        f"a cancel was answered with {reply.words}, and the job {read.ending.value} "
        f"after {len(read.ticks)} of {_LONG.ticks} events"
    )


async def _until_at_work(job: Job, at: Worker | None, within_s: float) -> None:
    """Wait for the job's first step, where steps can be polled for; else for a moment.

    A cancel in a job's very start has locked targets for good (CANC-022):
    a canary must not do that once a minute. Raises Inconclusive where the step does not come.
    """
    if {"poll", "steps"} <= job.system.adapter.operations:
        await poll_until_tick(job, 0, via=at or job.owner, within_s=within_s)
    else:
        await asyncio.sleep(min(_MOMENT_S, within_s / 4))


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""
