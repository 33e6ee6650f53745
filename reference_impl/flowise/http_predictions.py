"""Predictions: asked for and waited for, asked for and streamed, aborted."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from reference_impl.common.connections import watching
from reference_impl.core.predictions import State
from reference_impl.flowise.auth import Authenticator
from reference_impl.flowise.bodies import json_body, optional_text
from reference_impl.flowise.database import Database
from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.errors import error_response
from reference_impl.flowise.live_reader import LiveReader
from reference_impl.flowise.service import Service, make_work
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.sse import EventStreamResponse, Stream
from reference_impl.flowise.tables import Flow, Prediction

ABORTED = "Chat message aborted"
CLIENT_GONE = 499
LOG = logging.getLogger("flowise.web")


class PredictionEndpoints:
    """``/prediction`` and ``/chatmessage/abort``."""

    def __init__(
        self, settings: Settings, *, auth: Authenticator, database: Database, service: Service
    ) -> None:
        self.settings = settings
        self.auth = auth
        self.database = database
        self.service = service

    def routes(self) -> list[Route]:
        """Where they are."""
        abort = "/api/v1/chatmessage/abort/{flow_id}/{chat_id}"
        return [
            Route("/api/v1/prediction/{flow_id}", self.predict, methods=["POST"]),
            Route(abort, self.abort, methods=["PUT"]),
        ]

    async def predict(self, request: Request) -> Response:
        """Have a flow run, and answer with its result or its events."""
        flow = await self._runnable(request)
        body = await json_body(request)
        question = optional_text(body, "question") or ""
        work = make_work(flow, question=question, chat_id=optional_text(body, "chatId"))
        if str(body.get("streaming", "")).lower() != "true":
            return BlockingResponse(await self.service.submit(work), self.service)
        reader = await self.service.read(work.id, work.chat_id)
        try:
            return _Streaming(self, await self.service.submit(work), reader)
        except BaseException:
            await self.service.end_reading(reader)
            raise

    async def abort(self, request: Request) -> Response:
        """Stop a chat's predictions, wherever they are."""
        flow_id, chat_id = request.path_params["flow_id"], request.path_params["chat_id"]
        if not await self.service.abort(flow_id, chat_id):
            raise HTTPException(404, f"No prediction of chat {chat_id}")
        return JSONResponse({"status": 200, "message": ABORTED})

    async def _runnable(self, request: Request) -> Flow:
        """The flow; one that is not public runs only for those who are known."""
        flow_id = request.path_params["flow_id"]
        flow = await self.database.flow(flow_id)
        if flow is None:
            raise HTTPException(404, f"Chatflow {flow_id} not found")
        if not flow.is_public:
            await self.auth.user(request)
        return flow


class BlockingResponse(Response):
    """Answers when the prediction is over; leaves its ticket when the client does."""

    def __init__(self, ticket: Ticket, service: Service) -> None:
        super().__init__()
        self._ticket = ticket
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then answer; a wait that ends badly is an error the application words."""
        try:
            async with watching(receive) as gone:
                waited: set[asyncio.Future[Any]] = {self._ticket.done, gone}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if self._ticket.done.done():
                answer = _answer(self._ticket.done.result())
                await answer(scope, receive, send)
        finally:
            self._service.leave(self._ticket)


class _Streaming(Response):
    """Sends what the reader brings, and closes it however the response ends."""

    def __init__(self, endpoints: PredictionEndpoints, ticket: Ticket, reader: LiveReader) -> None:
        super().__init__()
        self._settings = endpoints.settings
        self._service = endpoints.service
        self._ticket = ticket
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream."""
        stream = Stream(
            self._ticket,
            self._reader,
            heartbeat_s=self._settings.heartbeat_s,
            patience_s=self._settings.answer_timeout_s,
            outage_patience_s=self._settings.outage_patience_s,
        )
        try:
            await EventStreamResponse(stream)(scope, receive, send)
        finally:
            await self._service.end_reading(self._reader)
            self._service.leave(self._ticket)


def _answer(row: Prediction) -> Response:
    if row.state is State.COMPLETED and row.result is not None:
        return JSONResponse(row.result)
    return error_response(row.error or "the prediction failed", _status(row))


def _status(row: Prediction) -> int:
    return 504 if row.reason == "no_worker" else 500
