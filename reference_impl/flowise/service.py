"""What the web server asks of whoever runs predictions: workers by way of the queue, or itself."""

from __future__ import annotations

import uuid
from typing import Protocol

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.live_reader import LiveReader
from reference_impl.flowise.tables import Flow, Prediction


class QueueUnavailable(Exception):
    """The queue cannot be used now; whatever was asked has not happened and will not happen."""


class NotConfirmed(Exception):
    """An abort was passed on, but the prediction is not known to have stopped in time."""


class Service(Protocol):
    """Runs predictions."""

    async def start(self) -> None:
        """Begin; whatever must run in the background does."""

    async def stop(self) -> None:
        """End what runs in the background."""

    async def problem(self) -> str | None:
        """Why this server cannot do its work now, in one sentence; None if it can."""

    async def submit(self, work: Work) -> Ticket:
        """Have a prediction run; raises :class:`QueueUnavailable`, and then it never runs."""

    def leave(self, ticket: Ticket) -> None:
        """Nobody waits for this prediction any more."""

    async def read(self, prediction_id: str, chat_id: str) -> LiveReader:
        """Begin to read a prediction's live events, which may be submitted yet."""

    async def end_reading(self, reader: LiveReader) -> None:
        """The client is served, or gone."""

    async def abort(self, flow_id: str, chat_id: str) -> list[Prediction]:
        """Stop a chat's predictions and return all it ever had, as they were before.

        Returns when they are over; raises :class:`QueueUnavailable` or :class:`NotConfirmed`.
        """


def make_work(flow: Flow, *, question: str, chat_id: str | None) -> Work:
    """A prediction of a flow, with an ID of its own."""
    return Work(
        id=str(uuid.uuid4()),
        flow_id=flow.id,
        chat_id=chat_id or str(uuid.uuid4()),
        question=question,
        flow_data=flow.flow_data,
    )
