"""ASGI middleware that exchanges every answer of one kind for one that nobody can want.

Mechanical variants are made of it: a case that still passes has not looked at the answer that it
is about. What counts as another job's answer depends on the operation: where the path names the
job, the request is turned to another one's; where the answer names it, an earlier job is named;
else the answer to the request before this one is given again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from starlette.types import ASGIApp, Message, Receive, Scope, Send

REMEMBERED = 64


class Form(Enum):
    """What becomes of the answer; the value is its word in ``VARIANT_ALTERS``."""

    SERVER_ERROR = "500"
    EMPTY = "empty"
    SILENCE = "hang"
    FOREIGN = "other"


@dataclass(frozen=True)
class Operation:
    """A kind of request, by method, path, and what must match its query or body from the start.

    A group `job` of the path is the job that it asks about; `answers_with` is the answer's field
    that names a new one.
    """

    name: str
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    answers_with: str = ""

    def fits(self, scope: Scope, body: bytes) -> bool:
        """Whether a request is one of these."""
        return (
            scope["method"] == self.method
            and re.fullmatch(self.path, scope["path"]) is not None
            and re.match(self.query, scope["query_string"].decode("latin-1")) is not None
            and re.match(self.body, body, re.DOTALL) is not None
        )

    def job(self, scope: Scope) -> str:
        """The job that the path names, or nothing."""
        found = re.fullmatch(self.path, scope["path"])
        return (found.groupdict().get("job") or "") if found and not self.answers_with else ""


def alteration(words: str, known: Sequence[Operation]) -> tuple[Operation, Form]:
    """What ``VARIANT_ALTERS`` asks for; raises ValueError for anything else."""
    name, _, form = words.partition(" ")
    operation = next((one for one in known if one.name == name), None)
    if operation is None:
        raise ValueError(f"VARIANT_ALTERS={words!r}: no operation {name!r}")
    return operation, Form(form)


class AlteredAnswers:
    """Answers `operation` in the given form, and everything else as ever."""

    def __init__(
        self, app: ASGIApp, *, operation: Operation, form: Form, known: Sequence[Operation]
    ) -> None:
        self._app = app
        self._operation = operation
        self._form = form
        self._submits = next((one for one in known if one.answers_with), None)
        self._jobs: list[str] = []
        self._before: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _whole(receive) if self._operation.body or scope["method"] == "POST" else b""
        again = _replayed(body, receive) if body else receive
        if self._submits is not None and self._submits.fits(scope, body):
            await self._submitted(scope, again, send)
        elif self._operation.fits(scope, body):
            await self._altered(scope, again, send)
        else:
            await self._app(scope, again, send)

    async def _altered(self, scope: Scope, receive: Receive, send: Send) -> None:
        match self._form:
            case Form.SERVER_ERROR:
                await _answer(send, 500, b'{"detail": "Internal Server Error"}')
            case Form.EMPTY:
                await _answer(send, 200, b"")
            case Form.SILENCE:
                await _gone(receive)
            case Form.FOREIGN:
                await self._foreign(scope, receive, send)

    async def _submitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A submit: its job is remembered; where submits are altered, it is answered so."""
        altered = self._operation is self._submits
        if altered and self._form is not Form.FOREIGN:
            await self._altered(scope, receive, send)
            return
        messages = await self._recorded(scope, receive)
        field = self._operation.answers_with or (self._submits and self._submits.answers_with)
        job = _field(messages, str(field))
        if altered and self._jobs:
            messages = _with_field(messages, str(field), self._jobs[-1])
        if job:
            self._jobs = [*self._jobs, job][-REMEMBERED:]
        await _sent(messages, send)

    async def _foreign(self, scope: Scope, receive: Receive, send: Send) -> None:
        job = self._operation.job(scope)
        if job:
            others = [one for one in self._jobs if one != job]
            path = scope["path"].replace(job, others[-1] if others else job)
            await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, send)
            return
        messages = await self._recorded(scope, receive)
        earlier, self._before = self._before or messages, messages
        await _sent(earlier, send)

    async def _recorded(self, scope: Scope, receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        return messages


async def _whole(receive: Receive) -> bytes:
    """A request's body."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What gives `body` once, and then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _gone(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _sent(messages: Sequence[Message], send: Send) -> None:
    for message in messages:
        await send(message)


def _field(messages: Sequence[Message], name: str) -> str:
    """What a JSON answer says under `name`; empty when it says nothing."""
    try:
        value = json.loads(b"".join(message.get("body", b"") for message in messages))
    except ValueError:
        return ""
    return str(value.get(name, "")) if isinstance(value, dict) else ""


def _with_field(messages: Sequence[Message], name: str, value: str) -> list[Message]:
    """The answer with `value` under `name`; an id of the same length leaves its length alone."""
    told = _field(messages, name)
    return [
        {**message, "body": message["body"].replace(told.encode(), value.encode())}
        if told and message["type"] == "http.response.body"
        else message
        for message in messages
    ]
