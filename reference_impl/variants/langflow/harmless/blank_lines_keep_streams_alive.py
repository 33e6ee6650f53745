"""A quiet stream carries a blank line every fifth of a second, so that no proxy closes it."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope, Send

from reference_impl.langflow import http_builds
from reference_impl.langflow.responses import EventStream

EVERY_S = 0.2


class BreathingStream(EventStream):
    """Says nothing now and then."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events end or the client leaves, and blank lines between them."""
        sending, breathing = asyncio.Lock(), None

        async def breathe() -> None:
            while True:
                await asyncio.sleep(EVERY_S)
                async with sending:
                    await send({"type": "http.response.body", "body": b"\n", "more_body": True})

        async def say(message: Message) -> None:
            nonlocal breathing
            async with sending:
                if breathing and not message.get("more_body", True):
                    breathing.cancel()
                await send(message)
            if message["type"] == "http.response.start":
                breathing = asyncio.create_task(breathe())

        try:
            await super().__call__(scope, receive, say)
        finally:
            if breathing:
                breathing.cancel()


def install() -> None:
    """Every stream is one."""
    http_builds.EventStream = BreathingStream  # type: ignore[attr-defined]  # where it is looked up
