"""The main server's ear for live events: one pub/sub connection, one channel a chat.

The connection is ours to watch: when it dies or falls silent, everybody who reads is told to
catch up, and a new one is made. A client library that reconnected by itself would hide exactly
the moment in which events are missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

import redis.asyncio as aredis

from reference_impl.flowise.keys import Keys
from reference_impl.flowise.live_reader import LiveEvent, LiveReader, announced
from reference_impl.flowise.redis_link import REDIS_ERRORS

PING_EVERY_S = 1.0
PONG_WITHIN_S = 2.0
RETRY_S = 0.2
# Channels are left together, after this long at least and one round of the connection at most.
LEAVE_AFTER_S = 0.05
LOG = logging.getLogger("flowise.listener")


class Silent(Exception):
    """The connection does not answer."""


class Listener:
    """Readers by channel, and the connection that feeds them."""

    def __init__(self, client: aredis.Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys
        self._readers: dict[str, set[LiveReader]] = {}
        self._connection: Any = None
        # Channels whose subscription Redis confirmed; channels nobody reads any more.
        self._confirmed: set[str] = set()
        self._unread: set[str] = set()
        self._left_s = 0.0
        self.heard_s: float | None = None

    async def run(self) -> None:
        """Listen for ever, across outages."""
        while True:
            try:
                await self._connect()
                await self._listen()
            except (*REDIS_ERRORS, Silent) as error:
                LOG.warning("live events: connection lost: %s", type(error).__name__)
            finally:
                await self._disconnect()
            for reader in self._all():
                reader.fall_behind()
            await asyncio.sleep(RETRY_S)

    async def open(self, job_id: str, chat_id: str) -> LiveReader:
        """Begin to read a job; what was announced earlier is caught up."""
        reader = LiveReader(job_id, chat_id, self)
        newcomer = chat_id not in self._readers and chat_id not in self._unread
        self._unread.discard(chat_id)
        self._readers.setdefault(chat_id, set()).add(reader)
        if newcomer:
            await self._send("SUBSCRIBE", chat_id)
        return reader

    def begins(self, job_id: str, chat_id: str) -> None:
        """A job is about to be added: who is known to hear its channel by now misses nothing."""
        if chat_id in self._confirmed:
            for reader in self._readers.get(chat_id, ()):
                if reader.job_id == job_id:
                    reader.keep_up()

    async def close(self, reader: LiveReader) -> None:
        """The client has read enough; a channel without readers is left soon."""
        readers = self._readers.get(reader.chat_id, set())
        readers.discard(reader)
        if readers or self._readers.pop(reader.chat_id, None) is None:
            return
        if self._connection is not None:
            self._unread.add(reader.chat_id)

    async def replay(self, job_id: str, *, after: int) -> list[LiveEvent]:
        """The events after a number, from the stream."""
        entries: Any = await self._client.xrange(self._keys.live(job_id), min=f"{after + 1}-0")
        return [LiveEvent.of(told) for _, fields in entries for told in announced(fields["event"])]

    def _all(self) -> list[LiveReader]:
        return [reader for readers in self._readers.values() for reader in readers]

    async def _connect(self) -> None:
        connection: Any = self._client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        await connection.connect()
        self._connection = connection
        # A channel of our own keeps the connection in subscriber mode between readers.
        await connection.send_command(
            "SUBSCRIBE", f"{self._keys.queue}:listening", *self._readers, check_health=False
        )
        for reader in self._all():
            reader.fall_behind()

    async def _listen(self) -> None:
        awaiting_pong = False
        while True:
            bound_s = PONG_WITHIN_S if awaiting_pong else PING_EVERY_S
            reply = await self._connection.read_response(timeout=bound_s)
            if reply is not None:
                self.heard_s = time.monotonic()
                awaiting_pong = False
                self._take(*reply)
            elif awaiting_pong:
                raise Silent
            else:
                await self._connection.send_command("PING", check_health=False)
                awaiting_pong = True
            await self._leave()

    async def _leave(self) -> None:
        """Leave the channels nobody reads, all at once.

        One whose subscription is still under way waits for its confirmation, so that a confirmation
        is always that of the last subscription.
        """
        now_s = time.monotonic()
        if now_s - self._left_s < LEAVE_AFTER_S:
            return
        self._left_s = now_s
        if leaving := self._unread & self._confirmed:
            self._unread -= leaving
            self._confirmed -= leaving
            await self._connection.send_command("UNSUBSCRIBE", *leaving, check_health=False)

    def _take(self, kind: str, channel: str, body: Any = None) -> None:
        if kind == "message":
            self._dispatch(channel, body)
        elif kind == "subscribe":
            self._confirmed.add(channel)

    def _dispatch(self, channel: str, body: str) -> None:
        readers = self._readers.get(channel)
        if not readers:
            return
        try:
            events = [(told.get("jobId"), LiveEvent.of(told)) for told in announced(body)]
        except (ValueError, KeyError, TypeError, AttributeError):
            LOG.warning("live events: a message on %s is none of ours", channel)
            return
        for reader in readers:
            for job_id, event in events:
                # Several predictions of one chat share its channel.
                if reader.job_id == job_id:
                    reader.push(event)

    async def _send(self, *command: str) -> None:
        """Best effort: a connection that cannot take it is about to be replaced."""
        if self._connection is None:
            return
        with contextlib.suppress(*REDIS_ERRORS):
            await self._connection.send_command(*command, check_health=False)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._confirmed.clear()
        self._unread.clear()
        if connection is not None:
            with contextlib.suppress(*REDIS_ERRORS):
                await connection.disconnect(nowait=True)
