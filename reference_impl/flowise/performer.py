"""Runs one prediction to one of its endings and writes that ending down, whoever stops it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reference_impl.core.predictions import EXPLANATIONS, Reason, Signal
from reference_impl.flowise.database import Database
from reference_impl.flowise.execution import CANCELLED, Execution, Fetch, NodeFailed, Teller, Work


class CannotTell(Exception):
    """The event could not be written; ``reason`` ends the prediction."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(EXPLANATIONS[reason])
        self.reason = reason


@dataclass(frozen=True)
class Ending:
    """How a run ended: exactly one of ``result`` and ``error`` is there."""

    signal: Signal
    reason: Reason | None = None
    error: str | None = None
    result: dict[str, Any] | None = None


def failed(reason: Reason, error: str | None = None) -> Ending:
    """An ending without a result."""
    if reason is Reason.USER:
        return Ending(Signal.ABORT, reason, CANCELLED)
    return Ending(Signal.FAIL, reason, error or EXPLANATIONS[reason])


class Run:
    """One run. :meth:`stop` may come at any time; the first reason to stop wins."""

    def __init__(self, work: Work, *, teller: Teller, fetch: Fetch) -> None:
        self.work = work
        self._teller = teller
        self._execution = Execution(work, teller, fetch)
        self._task: asyncio.Task[dict[str, Any]] | None = None
        self._stopped: Reason | None = None

    def stop(self, reason: Reason) -> None:
        """End the run as soon as its next await."""
        if self._stopped is None:
            self._stopped = reason
        if self._task is not None:
            self._task.cancel()

    async def perform(self, database: Database) -> Ending:
        """Run, then write the ending into the prediction's row; a row that is over stays."""
        ending = await self._ending()
        columns: dict[str, Any] = {
            "reason": ending.reason,
            "error": ending.error,
            "result": ending.result,
        }
        await database.signal(self.work.id, ending.signal, **columns, events=self._teller.count)
        return ending

    async def _ending(self) -> Ending:
        if self._stopped is not None:
            return await self._stopped_ending(self._stopped)
        self._task = asyncio.create_task(self._execution.run())
        try:
            return Ending(Signal.COMPLETE, result=await self._outcome(self._task))
        except NodeFailed as error:
            return failed(Reason.FLOW, str(error))
        except CannotTell as error:
            return failed(self._stopped or error.reason)
        except asyncio.CancelledError:
            if self._stopped is None:
                raise
            return await self._stopped_ending(self._stopped)

    async def _outcome(self, task: asyncio.Task[dict[str, Any]]) -> dict[str, Any]:
        try:
            return await task
        finally:
            task.cancel()

    async def _stopped_ending(self, reason: Reason) -> Ending:
        if reason is Reason.USER:
            with contextlib.suppress(CannotTell):
                await self._execution.terminated()
        return failed(reason)


class Runs:
    """The runs of this process, by prediction."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._gone: dict[str, asyncio.Event] = {}

    @property
    def ids(self) -> list[str]:
        """Which predictions run here now."""
        return list(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    @contextlib.contextmanager
    def kept(self, run: Run) -> Iterator[Run]:
        """Know of a run while it lasts."""
        prediction_id = run.work.id
        self._runs[prediction_id], self._gone[prediction_id] = run, asyncio.Event()
        try:
            yield run
        finally:
            if self._runs.get(prediction_id) is run:
                del self._runs[prediction_id]
                self._gone.pop(prediction_id).set()

    async def gone(self, prediction_id: str) -> None:
        """Return when no such run is here."""
        if (event := self._gone.get(prediction_id)) is not None:
            await event.wait()

    def stop(self, prediction_id: str, reason: Reason) -> bool:
        """Stop a run; False if it is not here."""
        run = self._runs.get(prediction_id)
        if run is not None:
            run.stop(reason)
        return run is not None

    def stop_chat(self, flow_id: str, chat_id: str) -> None:
        """Abort whatever runs for a chat."""
        for run in list(self._runs.values()):
            if (run.work.flow_id, run.work.chat_id) == (flow_id, chat_id):
                run.stop(Reason.USER)

    def stop_all(self, reason: Reason) -> None:
        """Stop every run."""
        for run in list(self._runs.values()):
            run.stop(reason)
