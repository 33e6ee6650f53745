"""One connection through a Redis proxy: commands there, answers back, and injections in between.

Commands and answers are matched first in, first out, as the protocol has it. Once a connection
subscribes, messages come unasked, so from then on only its commands can be struck.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from queueproof.stack.loopback_front import until_one_ends
from queueproof.stack.redis_proxy.injection import Action, Injection, Moment, RedisCommand
from queueproof.stack.redis_proxy.resp import RespFrames, Words, words_of

_CHUNK = 1 << 16
_SUBSCRIBING = {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "SYNC", "PSYNC"}
_PUSH = b">"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Arrived = Callable[[Words], tuple[RedisCommand, Injection | None]]


class _Ended(Exception):
    """The connection is to be closed on both sides."""


@dataclass(frozen=True)
class _Awaited:
    """An answer that is due: to whom, struck by what, or swallowed."""

    command: RedisCommand
    injection: Injection | None = None
    swallowed: bool = False


class ProxiedConnection:
    """Passes on both ways until either side ends; `arrived` is asked about every command."""

    def __init__(self, client: Streams, server: Streams, arrived: Arrived) -> None:
        self._from_client, self._to_client = client
        self._from_server, self._to_server = server
        self._arrived = arrived
        self._awaited: deque[_Awaited] = deque()
        self._subscribed = False
        self._dropped = False

    async def run(self) -> None:
        """Return when the connection is over."""
        try:
            await until_one_ends(self._there(), self._back())
        finally:
            self._to_server.close()

    async def _there(self) -> None:
        frames = RespFrames()
        while chunk := await self._from_client.read(_CHUNK):
            for frame in frames.feed(chunk):
                if not self._dropped:
                    await self._command(frame)
            await self._to_server.drain()

    async def _back(self) -> None:
        frames = RespFrames()
        while chunk := await self._from_server.read(_CHUNK):
            for frame in frames.feed(chunk):
                if not self._dropped:
                    await self._answer(frame)
            await self._to_client.drain()

    async def _command(self, frame: bytes) -> None:
        command, injection = self._arrived(words_of(frame))
        self._subscribed |= command.name in _SUBSCRIBING
        after = injection if injection and injection.moment is Moment.AFTER else None
        struck = injection if after is None else None
        action = await self._struck(struck, command) if struck else None
        if action is Action.DROP:
            return
        self._send(frame, _Awaited(command, after))
        if action is Action.DUPLICATE:
            self._send(frame, _Awaited(command, swallowed=True))

    def _send(self, frame: bytes, awaited: _Awaited) -> None:
        self._awaited.append(awaited)
        self._to_server.write(frame)

    async def _answer(self, frame: bytes) -> None:
        if self._subscribed or frame.startswith(_PUSH) or not self._awaited:
            self._to_client.write(frame)
            return
        awaited = self._awaited.popleft()
        if awaited.swallowed:
            return
        action = (
            await self._struck(awaited.injection, awaited.command) if awaited.injection else None
        )
        if action is Action.DROP:
            return
        self._to_client.write(frame * 2 if action is Action.DUPLICATE else frame)

    async def _struck(self, injection: Injection, command: RedisCommand) -> Action | None:
        action = await injection.act(command)
        if action is Action.CUT:
            raise _Ended
        self._dropped |= action is Action.DROP
        return action
