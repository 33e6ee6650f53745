"""One replica's way to Redis: a Toxiproxy proxy, what is done to it, and a line through it.

Evidence is gathered with a line of our own through the same proxy, opened before the fault and
again during it: it meets exactly what the replica's connections meet. Toxiproxy's own counts
cannot show it, since a connection's bytes are counted only when it ends.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from queueproof.processes.sockets import connected_to
from queueproof.stack.journal import Journal, Undo
from queueproof.stack.toxiproxy_api import ProxyState, Toxic, ToxiproxyApi

_CONNECT_S = 2.0
_CHUNK = 1 << 16
_LOOKS = 3
_EVERY_ADDRESS = ("", "0.0.0.0", "[::]", "::")  # noqa: S104  (nothing listens there)


def reached_at(listen: str, api_url: str) -> str:
    """Where a proxy is reached: one that listens on every address, where the server's API is."""
    host, _, port = listen.rpartition(":")
    if host not in _EVERY_ADDRESS:
        return listen
    there = urlsplit(api_url).hostname or "127.0.0.1"
    return f"[{there}]:{port}" if ":" in there else f"{there}:{port}"


class Answer(Enum):
    """What became of one PING through the proxy."""

    PONG = "answered"
    SILENT = "unanswered"
    REFUSED = "refused"
    CLOSED = "closed"
    RESET = "reset"


@dataclass(frozen=True)
class Reply:
    """The outcome of one PING, how long it took, and in how many pieces its answer came."""

    answer: Answer
    took_s: float
    pieces: int = 0


@dataclass
class Proxy:
    """A proxy on the server at `api`; `listen` is where it is reached."""

    api: ToxiproxyApi
    name: str
    listen: str
    upstream: str
    journal: Journal
    _noted: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, api: ToxiproxyApi, state: ProxyState, journal: Journal) -> Proxy:
        """The proxy that the server describes."""
        listen = reached_at(state.listen, api.url)
        return cls(api, state.name, listen, state.upstream, journal)

    async def add_toxic(self, toxic: Toxic) -> None:
        """Add a toxic."""
        self._note(toxic.name, "toxic", toxic=toxic.name)
        await self.api.add(self.name, toxic)

    async def remove_toxic(self, toxic: Toxic) -> None:
        """Remove a toxic, and know that it is gone."""
        await self.api.remove(self.name, toxic.name)
        self._forget(toxic.name)

    async def cut(self) -> None:
        """Drop every connection and accept none."""
        self._note("enabled", "proxy", set={"enabled": True})
        await self.api.switch(self.name, enabled=False)

    async def join(self) -> None:
        """Accept connections again, at the same address."""
        await self.api.switch(self.name, enabled=True)
        self._forget("enabled")

    async def point_at(self, upstream: str, *, restored: bool = False) -> None:
        """Lead elsewhere; existing connections are dropped. `restored`: this is its own place."""
        if not restored and "upstream" not in self._noted:
            self._note("upstream", "proxy", set={"upstream": self.upstream})
        await self.api.point_at(self.name, upstream)
        if restored:
            self._forget("upstream")
        self.upstream = upstream

    def connections(self) -> int | None:
        """How many connections it holds besides ours, where this machine can see them.

        A proxy that does not listen here (on another machine, in a container) cannot be seen. The
        kernel's table is read in pieces, and what moves meanwhile may be missed: that there is none
        is believed when it was seen several times.
        """
        port = int(self.listen.rpartition(":")[2])
        for _ in range(_LOOKS):
            if held := connected_to(port):
                return held
        return held

    def _note(self, key: str, kind: str, **what: Any) -> None:
        undo = Undo(kind, self.api.url, {"proxy": self.name, **what})
        self._noted[key] = self.journal.note(undo)

    def _forget(self, key: str) -> None:
        if key in self._noted:
            self.journal.done(self._noted.pop(key))


class Line:
    """One connection of ours through a proxy."""

    def __init__(self, listen: str) -> None:
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> Answer:
        """Connect; PONG means that the connection stands."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                self._streams = await asyncio.open_connection(self._host.strip("[]"), self._port)
        except ConnectionRefusedError:
            return Answer.REFUSED
        except TimeoutError:
            return Answer.SILENT
        except OSError:
            return Answer.RESET
        return Answer.PONG

    async def ping(self, *, within_s: float, size: int = 0) -> Reply:
        """Send one PING that is answered with `size` bytes, and see what comes of it."""
        began = time.monotonic()
        answer, pieces = await self._exchange(within_s, size)
        return Reply(answer, time.monotonic() - began, pieces)

    async def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, within_s: float, size: int) -> tuple[Answer, int]:
        if self._streams is None and (opened := await self.open()) is not Answer.PONG:
            return opened, 0
        assert self._streams is not None
        reader, writer = self._streams
        pieces = 0
        try:
            async with asyncio.timeout(within_s):
                payload = b"x" * size
                writer.write(b"*2\r\n$4\r\nPING\r\n$%d\r\n%s\r\n" % (size, payload))
                await writer.drain()
                heard = b""
                while not heard.endswith(b"\r\n") or (heard[:1] == b"$" and len(heard) < size):
                    chunk = await reader.read(_CHUNK)
                    if not chunk:
                        return Answer.CLOSED, pieces
                    heard += chunk
                    pieces += 1
        except TimeoutError:
            return Answer.SILENT, pieces
        except OSError:
            return Answer.RESET, pieces
        return Answer.PONG, pieces


async def ping_anew(listen: str, *, within_s: float, size: int = 0) -> Reply:
    """One PING over a fresh connection."""
    line = Line(listen)
    try:
        return await line.ping(within_s=within_s, size=size)
    finally:
        await line.close()
