"""The witness: a tiny server outside the queue that probe jobs tell about every tick they do.

What a stream says and what a worker did are two things. A job that is reported cancelled but
goes on telling the witness was not cancelled; a submit that was refused but reaches the witness
had side effects.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from queueproof.history import History


@dataclass(frozen=True)
class Sighting:
    """One tick that was really done, and when."""

    tick: int
    at_s: float


class Witness:
    """Listens on loopback; remembers each job's ticks under the job's key."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._seen: dict[str, list[Sighting]] = defaultdict(list)
        self._server: asyncio.Server | None = None
        self.address: tuple[str, int] = ("", 0)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen; `address` then says where."""
        self._server = await asyncio.start_server(self._hear, host, port)
        self.address = self._server.sockets[0].getsockname()[:2]

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    def sightings(self, key: str) -> list[Sighting]:
        """Every tick reported under `key`, in the order of arrival."""
        return list(self._seen[key])

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5.0):
                request = (await reader.readline()).decode("ascii", "replace").split(" ")
                if len(request) > 1 and request[1].count("/") == 2:
                    _, key, tick = request[1].split("/")
                    if tick.isdigit():
                        self._seen[key].append(Sighting(int(tick), self._history.now_s()))
                writer.write(b"HTTP/1.0 204 No Content\r\n\r\n")
                await writer.drain()
        except (TimeoutError, OSError):
            pass
        finally:
            writer.close()
