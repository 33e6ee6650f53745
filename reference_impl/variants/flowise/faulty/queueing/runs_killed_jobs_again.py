"""The job of a worker that died is run again from its first node, and its reader is not told.

As the real Flowise does after some 50 seconds.
"""

from __future__ import annotations

from bullmq.job import Job

from reference_impl.core.predictions import State
from reference_impl.flowise.caretaker import Caretaker
from reference_impl.flowise.execution import Work
from reference_impl.flowise.job_runner import JobRunner
from reference_impl.flowise.keys import Keys
from reference_impl.flowise.live_writer import Hold, LiveWriter
from reference_impl.flowise.performer import Run
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"QUEU-012"})
SCENARIOS = {"CHAOS-101": frozenset({"RESI-002"})}
PLAYS = ("LIFE-001",)

_judged = JobRunner._judged


async def _again(
    self: JobRunner, job: Job, work: Work, row: Prediction, *, token: str
) -> Prediction:
    if row.state is not State.RUNNING:
        return await _judged(self, job, work, row, token=token)
    hold = Hold(work.id, work.chat_id, token)
    keys = Keys(self.settings.prediction_queue)
    await self.client.delete(keys.live(work.id))
    writer = LiveWriter(self.client, keys, hold, patience_s=self.settings.outage_patience_s)
    run = Run(work, teller=writer, fetch=self.fetch)
    with self.runs.kept(run):
        await run.perform(self.database)
    return await self.database.prediction(work.id) or row


async def _leave(self: Caretaker) -> None:
    self._stalled.clear()


def install() -> None:
    """Begin anew."""
    Caretaker._declare_dead = _leave  # type: ignore[method-assign]
    JobRunner._judged = _again  # type: ignore[method-assign]
