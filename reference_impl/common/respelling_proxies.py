"""What may stand before a server and spells HTTP and JSON otherwise: it harms nobody."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMITED_EVERY = 30

Start = dict[str, Any]


class ShoutedHeaders:
    """Writes header names in capitals, and media types with blanks and a quoted charset."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def shout(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (name.upper(), _spelt(name, value)) for name, value in message["headers"]
                ]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, shout)


class RewrittenJson:
    """Writes JSON answers otherwise: the last key first, with blanks and line breaks, in UTF-8."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        await self._app(scope, receive, _whole(send, _is_json, _rewritten))


class PlainRefusals:
    """Makes a line of text of every refusal in JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        await self._app(scope, receive, _whole(send, _is_refusal, _in_plain_text))


class NoContent:
    """Answers 204 where a poll's answer is empty."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        polls = b"event_delivery=polling" in scope.get("query_string", b"")
        if scope["type"] != "http" or not polls:
            await self._app(scope, receive, send)
            return
        head: list[Message] = []

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.append(message)
                return
            if head and not message["body"] and message.get("more_body"):
                return
            if head:
                start = head.pop()
                if not message["body"] and start["status"] == 200:
                    start = {**start, "status": 204, "headers": _without_length(start)}
                await send(start)
            await send(message)

        await self._app(scope, receive, hold)


class DatedLimit:
    """Every thirtieth request is asked to come again, by a date."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        self._requests += scope["type"] == "http"
        if scope["type"] != "http" or self._requests % LIMITED_EVERY:
            await self._app(scope, receive, send)
            return
        again = formatdate(time.time(), usegmt=True).encode()
        await _answer(send, 429, [(b"retry-after", again)], b"Too Many Requests\n")


def _spelt(name: bytes, value: bytes) -> bytes:
    if name.lower() != b"content-type":
        return value
    return re.sub(rb"charset=([\w-]+)", rb'CharSet="\1"', value.replace(b"/json", b"/JSON"))


def _whole(
    send: Send, chosen: Callable[[Message], bool], change: Callable[[Start, bytes], bytes]
) -> Send:
    """Send answers on; those that are chosen once their bodies are there, and changed."""
    head: list[Message] = []
    body: list[bytes] = []

    async def held(message: Message) -> None:
        if message["type"] == "http.response.start" and chosen(message):
            head.append(message)
        elif head:
            body.append(message.get("body", b""))
            if not message.get("more_body"):
                start = {**head.pop()}
                changed = change(start, b"".join(body))
                length = (b"content-length", str(len(changed)).encode())
                start["headers"] = [*_without_length(start), length]
                await send(start)
                await send({"type": "http.response.body", "body": changed})
        else:
            await send(message)

    return held


def _is_json(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"application/json")
        for name, value in start["headers"]
    )


def _is_refusal(start: Message) -> bool:
    return start["status"] >= 400 and _is_json(start)


def _rewritten(start: Start, body: bytes) -> bytes:
    value = json.loads(body)
    if isinstance(value, dict):
        value = dict(reversed(value.items()))
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _in_plain_text(start: Start, body: bytes) -> bytes:
    kept = [(name, value) for name, value in start["headers"] if name != b"content-type"]
    start["headers"] = [*kept, (b"content-type", b"text/plain; charset=utf-8")]
    return f"{start['status']} refused\n".encode()


def _without_length(start: Message) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in start["headers"] if name != b"content-length"]


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
