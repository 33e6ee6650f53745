"""A newer version: answers and events have fields, and streams have events, that nobody knows."""

from __future__ import annotations

import json
from typing import Any

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.core.events import Event, make_event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

NEWS: dict[str, Any] = {"x_version": 7, "x_nested": {"of": ["a", None, 1.5]}, "id": "x"}


class NewerBridge(Bridge):
    """Writes events with more in them, and some more events."""

    async def gather(self, job: Job) -> Batch:
        """The batch as a newer version would write it."""
        batch = await super().gather(job)
        if batch.closing is not None:
            return batch
        extra = make_event("x_progress", {"tick": "tick-0", **NEWS})
        return Batch((extra, *(_newer(event) for event in batch.events)), None)


def _newer(event: Event) -> Event:
    return Event(event.name, json.dumps({**NEWS, **json.loads(event.body)}))


class NewerAnswers:
    """Adds fields to JSON objects."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        head: list[Message] = []

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_json(message):
                head.append(message)
            elif head and message["type"] == "http.response.body":
                body = _with_news(message["body"])
                await send(_resized(head.pop(), len(body)))
                await send({**message, "body": body})
            else:
                await send(message)

        await self._app(scope, receive, add)


def _is_json(start: Message) -> bool:
    return (b"content-type", b"application/json") in start["headers"]


def _with_news(body: bytes) -> bytes:
    value = json.loads(body)
    return json.dumps({"x_news": NEWS, **value}).encode() if isinstance(value, dict) else body


def _resized(start: Message, length: int) -> Message:
    kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    return {**start, "headers": [*kept, (b"content-length", str(length).encode())]}


class VariantAssembly(Assembly):
    """With both."""

    bridge_class = NewerBridge

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(NewerAnswers)]
