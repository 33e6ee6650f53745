"""What may stand between clients and a server, or be added by a newer one, and harms nobody.

Harmless variants of both references are made of these.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DELAY_S = 0.3
ANSWERS = 10
LIMITED_EVERY = 20
#: Paths that the langflow contract itself ends with a slash.
SLASHED = ("/api/v1/users/", "/api/v1/flows/", "/api/v1/api_key/")
CUTS = (1, 3, 17, 170)
NEWS: dict[str, Any] = {"x_version": 7, "x_nested": {"of": ["a", None, 1.5]}, "id": "x"}


class SlowProxy:
    """Holds every request for a while."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        await asyncio.sleep(DELAY_S)
        await self._app(scope, receive, send)


class ShortLivedConnections:
    """Announces the end of a connection with every so many answers over it."""

    def __init__(self, app: ASGIApp, *, answers: int = ANSWERS) -> None:
        self._app = app
        self._most = answers
        self._answers: dict[object, int] = defaultdict(int)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                client = tuple(scope.get("client") or ())
                self._answers[client] += 1
                if self._answers[client] % self._most == 0:
                    headers = [*message["headers"], (b"connection", b"close")]
                    message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, count)


class SlashRedirects:
    """Serves every path with a slash at its end, and redirects there from the same without one, by
    the path alone or by the whole address.
    """

    def __init__(self, app: ASGIApp, *, status: int = 307, whole: bool = False) -> None:
        self._app = app
        self._status = status
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        path = scope.get("path", "/")
        if scope["type"] != "http" or path == "/":
            await self._app(scope, receive, send)
        elif path.endswith("/"):
            slashed = path in SLASHED
            plain = path if slashed else path.rstrip("/")
            raw = scope["raw_path"] if slashed else scope["raw_path"].rstrip(b"/")
            await self._app({**scope, "path": plain, "raw_path": raw}, receive, send)
        else:
            query = scope.get("query_string", b"")
            host = dict(scope["headers"]).get(b"host", b"")
            there = b"http://" + host if self._whole else b""
            there += scope["raw_path"] + b"/" + (b"?" + query if query else b"")
            headers = [(b"location", there), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": self._status, "headers": headers})
            await send({"type": "http.response.body", "body": b""})


class OccasionalLimit:
    """Every twentieth request is asked to come again a moment later."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        self._requests += scope["type"] == "http"
        if scope["type"] != "http" or self._requests % LIMITED_EVERY:
            await self._app(scope, receive, send)
            return
        headers = [(b"retry-after", b"0"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


class Knife:
    """Cuts every body into pieces of odd sizes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def cut(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] != "http.response.body" or len(body) <= max(CUTS):
                await send(message)
                return
            edges = (0, *CUTS, len(body))
            for begin, end in itertools.pairwise(edges):
                more = end < len(body) or message.get("more_body", False)
                await send({**message, "body": body[begin:end], "more_body": more})

        await self._app(scope, receive, cut)


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
