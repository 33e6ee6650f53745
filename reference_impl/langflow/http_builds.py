"""Builds: submit, read by polling or streaming, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
import uuid

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from reference_impl.common.connections import watching
from reference_impl.core.rules import may_cancel, may_read
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.background import Background
from reference_impl.langflow.bodies import json_body
from reference_impl.langflow.canceller import Canceller
from reference_impl.langflow.database import Database, Flow
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.langflow.poller import JobNotFound, Poller
from reference_impl.langflow.reader import StreamReader
from reference_impl.langflow.readers_count import ReadersCount
from reference_impl.langflow.responses import EventStream, PollResponse
from reference_impl.store.base import Record, Store, StoreUnavailable

SETTLE_MOMENT_S = 0.25
DELIVERIES = ("streaming", "direct", "polling")


class BuildEndpoints:
    """``/build``."""

    def __init__(
        self,
        *,
        auth: Authenticator,
        database: Database,
        store: Store,
        desk: BuildDesk,
        patrol: MarkerPatrol | None,
        poller: Poller,
        reader: StreamReader,
        readers: ReadersCount,
        canceller: Canceller,
        background: Background,
    ) -> None:
        self.auth = auth
        self.database = database
        self.store = store
        self.desk = desk
        self.patrol = patrol
        self.poller = poller
        self.reader = reader
        self.readers = readers
        self.canceller = canceller
        self.background = background

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/api/v1/build/{flow_id}/flow", self.submit, methods=["POST"]),
            Route("/api/v1/build/{job_id}/events", self.events, methods=["GET"]),
            Route("/api/v1/build/{job_id}/cancel", self.cancel, methods=["POST"]),
        ]

    async def submit(self, request: Request) -> Response:
        """Start a build of a stored flow, or of the graph sent along."""
        user = await self.auth.user(request)
        flow_id = request.path_params["flow_id"]
        graph = (await json_body(request)).get("data")
        flow = await self.flow(flow_id, user_id=user.id)
        if not (graph is None or isinstance(graph, dict)):
            raise HTTPException(422, "data must be an object")
        graph = graph or copy.deepcopy(flow.data) or {}  # a build may change what it is given
        job = await self.desk.submit(user_id=user.id, graph=graph)
        if self.patrol is not None:
            self.patrol.check_soon(job)
        return JSONResponse({"job_id": job.id})

    async def events(self, request: Request) -> Response:
        """Read a build's events."""
        if request.method != "GET":
            # Whoever asks for the head alone would take events, and be gone before they came.
            raise HTTPException(405, "Method Not Allowed", headers={"Allow": "GET"})
        user = await self.auth.user(request)
        delivery = request.query_params.get("event_delivery", "streaming")
        if delivery not in DELIVERIES:
            return JSONResponse({"detail": [_enum_error(delivery)]}, 422)
        record = await self.readable(request, user.id)
        if delivery == "polling":
            after = _position(request.query_params.get("after"))
            return _Poll(self, record.job_id, after=after)
        return _Stream(self, record)

    async def cancel(self, request: Request) -> Response:
        """Cancel a build; the answer comes after the effect."""
        user = await self.auth.user(request)
        record = await self.cancellable(request, user.id)
        answer = await self.canceller.cancel(record)
        return JSONResponse({"success": answer.success, "message": answer.message})

    async def flow(self, flow_id: str, *, user_id: str) -> Flow:
        """The stored flow to be built."""
        flow = await self.database.flow(flow_id, user_id=user_id)
        if flow is None:
            raise HTTPException(404, f"Flow with id {flow_id} not found")
        return flow

    async def cancellable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may cancel it."""
        record = await self.record(request)
        if not may_cancel(user_id=user_id, owner_id=record.user_id):
            raise JobNotFound(record.job_id)
        return record

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may read it."""
        record = await self.record(request)
        if not may_read(user_id=user_id, owner_id=record.user_id):
            raise JobNotFound(record.job_id)
        return record

    async def record(self, request: Request) -> Record:
        """The job asked for, whoever asks."""
        job_id = request.path_params["job_id"]
        record = await self.store.record(job_id)
        if record is None:
            raise JobNotFound(job_id)
        return record


class _Poll(Response):
    """One poll, from the wait to the sent answer, under one watch over the client."""

    def __init__(self, builds: BuildEndpoints, job_id: str, *, after: int | None) -> None:
        self._builds = builds
        self._job_id = job_id
        self._after = after
        self._token = uuid.uuid4().hex

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        poller = self._builds.poller
        with self._builds.readers.reading():
            async with watching(receive) as gone:
                try:
                    answer = await poller.poll(
                        self._job_id, token=self._token, after=self._after, gone=gone
                    )
                except StoreUnavailable:
                    await self._settle(delivered=False)
                    raise
                if answer is not None:
                    response = PollResponse(answer, gone=gone, settle=self._settle)
                    await response(scope, receive, send)

    async def _settle(self, delivered: bool) -> None:
        """Settle the take; beyond a moment the client does not wait for that."""
        if self._after is not None:
            return
        settled = asyncio.Event()
        self._builds.background.spawn(self._insist(delivered, settled))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_MOMENT_S):
                await settled.wait()

    async def _insist(self, delivered: bool, settled: asyncio.Event) -> None:
        await self._builds.poller.settle(self._job_id, self._token, delivered=delivered)
        settled.set()


class _Stream(Response):
    """One stream; a client that leaves before the end cancels the build."""

    def __init__(self, builds: BuildEndpoints, record: Record) -> None:
        self._builds = builds
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        builds, record = self._builds, self._record
        with builds.readers.reading():
            events = builds.reader.events(record.job_id)
            stream = EventStream(events, on_left=lambda: builds.canceller.client_left(record))
            await stream(scope, receive, send)


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15})(-0)?", cursor)
    if found is None:
        raise HTTPException(422, "after must be a cursor from X-Events-Cursor, such as 17-0")
    return int(found[1])


def _enum_error(value: str) -> dict[str, object]:
    expected = "'streaming', 'direct' or 'polling'"
    return {
        "type": "enum",
        "loc": ["query", "event_delivery"],
        "msg": f"Input should be {expected}",
        "input": value,
        "ctx": {"expected": expected},
    }
