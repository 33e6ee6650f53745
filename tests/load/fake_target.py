"""A target of a few lines that speaks Langflow's build endpoints, with defects on request.

It runs in a thread of its own, so that it answers while the generator's loop holds the test.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@dataclass
class FakeTarget:
    """What it does: `ticks` of each job as they are delivered, given the job's number.

    It answers everything `delay_s` late, and nothing while it is frozen.
    """

    ticks: Callable[[int], list[int]] = lambda number: [0, 1, 2]  # noqa: ARG005
    end: str = "end"
    delay_s: float = 0.0
    refuses_submits: bool = False
    submits: int = 0
    url: str = ""
    frozen_until: float = 0.0
    _numbers: Iterator[int] = field(default_factory=count)

    def freeze(self, seconds: float) -> None:
        """Answer nothing for so long, from now on."""
        self.frozen_until = time.monotonic() + seconds

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length")
                    ),
                    0,
                )
                await reader.readexactly(length)
                await self._wait()
                writer.write(self._answer(method, path))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _wait(self) -> None:
        await asyncio.sleep(self.delay_s)
        await asyncio.sleep(max(0.0, self.frozen_until - time.monotonic()))

    def _answer(self, method: str, path: str) -> bytes:
        if method == "POST" and "/flow" in path:
            self.submits += 1
            if self.refuses_submits:
                return _plain(200, {"detail": "no job for you"})
            return _plain(200, {"job_id": f"job-{next(self._numbers)}"})
        if "/events" in path:
            return self._events(int(path.split("/")[4].removeprefix("job-")))
        return _plain(200, {"success": True})

    def _events(self, number: int) -> bytes:
        rows = [{"event": "vertices_sorted", "data": {}}]
        rows += [{"event": "log", "data": {"name": f"tick-{tick}"}} for tick in self.ticks(number)]
        rows += [{"event": self.end, "data": {}}] if self.end else []
        body = b"".join(json.dumps(row).encode() + b"\n\n" for row in rows)
        return _STREAM_HEAD + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@contextmanager
def served(target: FakeTarget) -> Iterator[FakeTarget]:
    """The target, listening on loopback for the body's duration."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(target.serve, "127.0.0.1", 0))
    target.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield target
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()


def _plain(status: int, body: dict[str, object]) -> bytes:
    raw = json.dumps(body).encode()
    return b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%s" % (status, len(raw), raw)
