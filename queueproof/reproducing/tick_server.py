"""A witness of a script's own: a server that jobs tell about every step.

The text of this module stands in every stand-alone script for a queue that a mapping describes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import defaultdict


class TickServer:
    """A server on this machine that jobs tell about every step they do."""

    def __init__(self) -> None:
        self.done: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self.last_s = 0.0
        self.url = ""

    async def start(self) -> asyncio.Server:
        """Listen, on TARGET_WITNESS (host:port, as jobs reach it) or on loopback."""
        host, _, port = os.environ.get("TARGET_WITNESS", "127.0.0.1:0").rpartition(":")
        server = await asyncio.start_server(self.hear, host, int(port))
        self.url = f"http://{host}:{server.sockets[0].getsockname()[1]}"
        return server

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One step: GET /key/number."""
        with contextlib.suppress(TimeoutError, OSError, ValueError, IndexError):
            async with asyncio.timeout(5.0):
                _, key, tick = (await reader.readline()).decode().split(" ")[1].split("/")
                self.last_s = time.monotonic()
                self.done[key].append((int(tick), self.last_s))
                writer.write(b"HTTP/1.0 204 No Content\r\n\r\n")
                await writer.drain()
        writer.close()
