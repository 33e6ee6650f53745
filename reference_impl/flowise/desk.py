"""The main server's desk: every prediction somebody waits for here, until its row says it is over.

News may come from the queue's events, from live events, from an abort, or not at all. None of it
is believed: it only makes the desk look at the row, and the desk also looks by itself, every
second. So a lost notification costs a second, never an answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reference_impl.core.predictions import Reason, Signal, State
from reference_impl.flowise.database import Database, DatabaseError
from reference_impl.flowise.performer import failed
from reference_impl.flowise.tables import Prediction

LOOK_EVERY_S = 1.0
LOG = logging.getLogger("flowise.desk")


class WaitedTooLong(Exception):
    """The prediction is not over within the longest wait; a worker still runs it."""


@dataclass
class Ticket:
    """Somebody's wait for a prediction; ``queued`` once its job is known to be in the queue."""

    prediction_id: str
    since_s: float = field(default_factory=time.monotonic)
    done: asyncio.Future[Prediction] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    queued: bool = False
    odd_since_s: float | None = None

    def on_done(self, call: Callable[[], None]) -> None:
        """Call when the wait is over."""
        self.done.add_done_callback(lambda _: call())


class Desk:
    """Open tickets, and the looking that closes them."""

    def __init__(self, database: Database, *, wait_s: float) -> None:
        self.database = database
        self.wait_s = wait_s
        self._tickets: dict[str, Ticket] = {}
        self._news = asyncio.Event()
        self._named: set[str] = set()

    def open(self, prediction_id: str) -> Ticket:
        """Begin to wait."""
        ticket = self._tickets[prediction_id] = Ticket(prediction_id)
        return ticket

    def close(self, ticket: Ticket) -> None:
        """Nobody waits any more."""
        self._tickets.pop(ticket.prediction_id, None)
        ticket.done.cancel()

    def tickets(self) -> list[Ticket]:
        """The open tickets."""
        return [ticket for ticket in self._tickets.values() if not ticket.done.done()]

    def news(self, prediction_id: str | None = None) -> None:
        """Something may have happened to a prediction, or to any of them."""
        known = prediction_id in self._tickets
        if prediction_id is None or known:
            self._named |= {prediction_id} if known and prediction_id else set(self._tickets)
            self._news.set()

    async def run(self) -> None:
        """Look whenever there is news, and every second."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
            except TimeoutError:
                self._named |= set(self._tickets)
            self._news.clear()
            named, self._named = self._named, set()
            try:
                await self.look(named)
            except (DatabaseError, OSError, TimeoutError) as error:
                LOG.warning("predictions: the database did not answer: %s", type(error).__name__)

    async def look(self, ids: set[str]) -> None:
        """Close the tickets of predictions that are over, or that waited too long."""
        waiting = {ticket.prediction_id for ticket in self.tickets()} & ids
        for row in await self.database.predictions_among(waiting):
            ticket = self._tickets.get(row.id)
            if ticket is None or ticket.done.done():
                continue
            if row.state.is_over:
                ticket.done.set_result(row)
            elif time.monotonic() - ticket.since_s > self.wait_s:
                await self._give_up(ticket, row)

    async def _give_up(self, ticket: Ticket, row: Prediction) -> None:
        """A prediction nobody began is over for good; one that runs keeps running."""
        if await self.fail(row.id, Reason.NO_WORKER, only_from=State.WAITING):
            self.news(row.id)
        elif not ticket.done.done():
            ticket.done.set_exception(WaitedTooLong())

    async def fail(
        self,
        prediction_id: str,
        reason: Reason,
        *,
        only_from: State | None = None,
        error: str | None = None,
    ) -> bool:
        """Write down that a prediction failed, on its worker's behalf; False if it was over."""
        ending = failed(reason, error)
        columns = {"reason": ending.reason, "error": ending.error}
        return await self.database.signal(
            prediction_id, ending.signal, only_from=only_from, **columns
        )

    async def complete(self, prediction_id: str, result: dict[str, Any]) -> bool:
        """Write a result down, on its worker's behalf; False if the prediction was over."""
        await self.database.signal(prediction_id, Signal.START, worker="somebody else's")
        return await self.database.signal(prediction_id, Signal.COMPLETE, result=result)
