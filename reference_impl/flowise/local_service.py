"""Main mode: the server runs predictions itself, in its own process, without Redis."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from reference_impl.common.tasks import end_all
from reference_impl.core.predictions import Reason, Signal, State
from reference_impl.flowise.database import Database
from reference_impl.flowise.desk import Desk, Ticket
from reference_impl.flowise.execution import Fetch, Work
from reference_impl.flowise.live_reader import LiveEvent, LiveReader
from reference_impl.flowise.performer import Run, Runs
from reference_impl.flowise.service import NotConfirmed
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.tables import Prediction

ABORTED_WITHIN_S = 5.0
LIFE_AFTERWARDS_S = 30.0


class LocalTeller:
    """The events of one run, in memory."""

    def __init__(self, announce: Callable[[LiveEvent], None]) -> None:
        self.events: list[LiveEvent] = []
        self._announce = announce

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.events)

    async def tell(self, event: str, data: object) -> None:
        """Keep an event and announce it."""
        told = LiveEvent(self.count + 1, event, data)
        self.events.append(told)
        self._announce(told)

    async def write(self) -> None:
        """Everything is told already."""


class LocalService:
    """Predictions as tasks of this process."""

    def __init__(self, settings: Settings, *, database: Database, fetch: Fetch) -> None:
        self.settings = settings
        self.database = database
        self.desk = Desk(database, wait_s=settings.wait_s)
        self.runs = Runs()
        self._fetch = fetch
        self._tellers: dict[str, LocalTeller] = {}
        self._readers: dict[str, set[LiveReader]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Whatever the database says is under way died with the process that ran it."""
        for row in await self.database.predictions():
            if not row.state.is_over:
                await self.desk.fail(row.id, Reason.WORKER_DIED)
        self._spawn(self.desk.run())

    async def stop(self) -> None:
        """End every prediction, saying so."""
        self.runs.stop_all(Reason.SHUTDOWN)
        await self._until_gone(self.runs.ids)
        await end_all(self._tasks)

    async def problem(self) -> str | None:
        """There is nothing to reach but the database, which whoever asks checks too."""
        return None

    async def submit(self, work: Work) -> Ticket:
        """Write the prediction down and run it."""
        await self.database.add_prediction(
            prediction_id=work.id,
            flow_id=work.flow_id,
            chat_id=work.chat_id,
            question=work.question,
        )
        ticket = self.desk.open(work.id)
        teller = LocalTeller(lambda event: self._announce(work.id, event))
        self._tellers[work.id] = teller
        self._spawn(self._perform(Run(work, teller=teller, fetch=self._fetch)))
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """The run goes on; nobody waits."""
        self.desk.close(ticket)

    async def read(self, prediction_id: str, chat_id: str) -> LiveReader:
        """Read from memory."""
        reader = LiveReader(prediction_id, chat_id, self)
        self._readers[prediction_id].add(reader)
        return reader

    async def end_reading(self, reader: LiveReader) -> None:
        """The client is served, or gone."""
        self._readers[reader.job_id].discard(reader)

    async def replay(self, job_id: str, *, after: int) -> list[LiveEvent]:
        """The events after a number."""
        teller = self._tellers.get(job_id)
        return teller.events[after:] if teller is not None else []

    async def abort(self, flow_id: str, chat_id: str) -> list[Prediction]:
        """Stop the tasks and wait until they stopped."""
        before = await self.database.ask_abort(flow_id, chat_id)
        self.runs.stop_chat(flow_id, chat_id)
        await self._until_gone([row.id for row in before if not row.state.is_over])
        return before

    async def _until_gone(self, ids: list[str]) -> None:
        try:
            async with asyncio.timeout(ABORTED_WITHIN_S):
                await asyncio.gather(*(self.runs.gone(prediction_id) for prediction_id in ids))
        except TimeoutError:
            raise NotConfirmed from None

    def _spawn(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(self, run: Run) -> None:
        prediction_id = run.work.id
        with self.runs.kept(run):
            if await self.database.signal(
                prediction_id, Signal.START, only_from=State.WAITING, worker="main"
            ):
                await run.perform(self.database)
        self.desk.news(prediction_id)
        asyncio.get_running_loop().call_later(LIFE_AFTERWARDS_S, self._forget, prediction_id)

    def _announce(self, prediction_id: str, event: LiveEvent) -> None:
        for reader in self._readers[prediction_id]:
            reader.push(event)

    def _forget(self, prediction_id: str) -> None:
        self._tellers.pop(prediction_id, None)
        self._readers.pop(prediction_id, None)
