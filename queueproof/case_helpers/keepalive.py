"""Clients beside a case that keep its job alive, and on whom its verdict depends.

A job that is quiet for long, or that nobody reads, is reclaimed after the declared threshold; and
a stream proves its client's presence only now and then. A case that needs such a job lets a second
client poll it on another worker: each poll is a sign of life, and is given up at once.

Whatever such a client is there for, a client that failed was not there: a case that accuses a
target of what followed would accuse it of our own trouble. It is inconclusive then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx

from queueproof.errors import Inconclusive, QueueproofError, Violation
from queueproof.history import current_facts
from queueproof.targets.job import Job
from queueproof.targets.protocol import Reply
from queueproof.targets.worker import Worker

_LOOKS = 4
_LONGEST_PAUSE_S = 5.0
_HEARD_S = 0.5
# Answers about the job itself, as one that was reclaimed gets them: no refusal of its client.
_OF_THE_JOB = (200, 404, 410)
_OURS = (QueueproofError, httpx.HTTPError, OSError, TimeoutError)


class Presence:
    """Whether the client of a job was served all the while its work was seen."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._refused: list[tuple[float, str]] = []

    def saw(self, answer: Reply) -> None:
        """The client was answered so. A request that is still held is a sign of life like any."""
        if answer.answered and answer.status not in _OF_THE_JOB:
            self.refused(answer.words)

    def refused(self, words: str) -> None:
        """The client was refused just now."""
        self._refused.append((self._job.system.history.now_s(), words))

    def to_be_doubted(self) -> None:
        """Raises Inconclusive where the client was refused before the job's last tick.

        What was refused after it may be a consequence of the job's end.
        """
        last_s = max((seen.at_s for seen in self._job.sightings), default=float("inf"))
        early = next((words for at_s, words in self._refused if at_s <= last_s), "")
        if early:
            raise Inconclusive(f"the client that was to keep the job alive was refused: {early}")


@asynccontextmanager
async def beside(doing: Coroutine[Any, Any, object], *, who: str) -> AsyncIterator[None]:
    """Let a client do something while the body runs, and end it with the body.

    Raises Inconclusive when the client failed, even where the body saw a violation, since it may
    have seen what our own client left undone. An error of ours in it is raised as it is.
    """
    client = asyncio.create_task(doing)
    try:
        yield
    except (Violation, Inconclusive):
        await _end(client)
        _raise_of(client, who)
        raise
    except BaseException:
        await _end(client)
        raise
    await _end(client)
    _raise_of(client, who)


@asynccontextmanager
async def kept_alive(job: Job, *, via: Worker, for_s: float = 0.0) -> AsyncIterator[None]:
    """Poll `job` on `via` all the while, where its quiet could last up to the threshold.

    It could if the job takes so long, or the body may wait `for_s` for it. The polls take events,
    which is nobody's loss if only streams on other workers are judged.
    Raises Inconclusive when the client failed, and instead of a Violation when it was refused.
    """
    threshold_s = job.system.timings.stale_threshold_s
    lasts_s = job.probe.duration_s + job.system.timings.answer_s + for_s
    if not 0 < threshold_s < 2 * lasts_s or "poll" not in job.system.adapter.operations:
        yield
        return
    presence = Presence(job)
    polling = _poll_and_give_up(job, via, threshold_s / _LOOKS, presence)
    async with beside(polling, who="the client that kept the job alive"):
        try:
            yield
        except Violation:
            presence.to_be_doubted()
            raise


async def _poll_and_give_up(job: Job, via: Worker, every_s: float, presence: Presence) -> None:
    pause_s = min(every_s, _LONGEST_PAUSE_S)
    current_facts.set({"attending": True})  # of this task alone: what it is told judges nothing
    while True:
        presence.saw(await job.system.poll(job, via=via, within_s=pause_s))
        await asyncio.sleep(pause_s / 2)


async def _end(client: asyncio.Task[object]) -> None:
    """A cancel that meets a reply may be lost in a library: so it is told until it is heard."""
    while not client.done():
        client.cancel()
        await asyncio.wait({client}, timeout=_HEARD_S)


def _raise_of(client: asyncio.Task[object], who: str) -> None:
    error = None if client.cancelled() else client.exception()
    if isinstance(error, _OURS):
        raise Inconclusive(f"{who} failed: {error or type(error).__name__}") from error
    if error is not None:
        raise error


def uninvolved_worker(job: Job, reader: Worker) -> Worker:
    """A worker that neither runs `job` nor serves `reader`, if there is one; else the owner."""
    spare = [worker for worker in job.system.workers if worker not in (job.owner, reader)]
    return spare[0] if spare else job.owner
