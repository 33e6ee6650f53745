"""A proxy that understands the Redis protocol, so that a fault can strike at a chosen command.

It sits between a replica's Toxiproxy proxy and Redis, passes every byte as it came, keeps a log
of the commands, and lets strikes act on those that match.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from queueproof.stack.relay import Relay
from queueproof.stack.resp import Words
from queueproof.stack.strikes import Act, Deed, Matches, Moment, Strike, WireCommand

__all__ = ["Act", "Deed", "Matches", "Moment", "Strike", "Wire", "WireCommand", "Wires"]


class Wires:
    """The wires of all replicas, their common log, and the strikes that wait."""

    def __init__(self) -> None:
        self.each: list[Wire] = []
        self.commands: list[WireCommand] = []
        self._strikes: list[Strike] = []
        self._connections = 0

    @property
    def active(self) -> bool:
        """Whether the wires are in place."""
        return bool(self.each)

    async def add(self, replica: int, upstream: str) -> Wire:
        """A wire for one replica, in front of the server at `upstream` (host:port)."""
        wire = Wire(replica, upstream, self)
        await wire.start()
        self.each.append(wire)
        return wire

    def strike(
        self,
        matches: Matches,
        *,
        nth: int = 1,
        moment: Moment,
        deed: Deed | Act,
        times: int = 1,
    ) -> Strike:
        """Set a trap; it counts from now on."""
        return self.lay(Strike(matches, nth, moment, deed, times))

    def lay(self, strike: Strike) -> Strike:
        """Set a trap that was made elsewhere."""
        self._strikes.append(strike)
        return strike

    async def forget(self, strike: Strike) -> None:
        """Release a strike and remove it; twice is fine."""
        await strike.release()
        if strike in self._strikes:
            self._strikes.remove(strike)

    async def stop(self) -> None:
        """Release everything and stop listening."""
        for strike in tuple(self._strikes):
            await self.forget(strike)
        for wire in self.each:
            await wire.stop()
        self.each.clear()

    def connected(self) -> int:
        """A number for a new connection."""
        self._connections += 1
        return self._connections

    def arrived(
        self, replica: int, connection: int, words: Words
    ) -> tuple[WireCommand, Strike | None]:
        """Log a command; which strike, if any, takes it. Every strike counts it."""
        command = WireCommand(len(self.commands), time.monotonic(), replica, connection, words)
        self.commands.append(command)
        takers = [strike for strike in self._strikes if strike.takes(command)]
        return command, takers[0] if takers else None


class Wire:
    """Listens on loopback for one replica."""

    def __init__(self, replica: int, upstream: str, wires: Wires) -> None:
        self.upstream = upstream
        self.listen = ""
        self._replica = replica
        self._wires = wires
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen; `listen` then says where."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.listen = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        host, _, port = self.upstream.rpartition(":")
        with suppress(OSError, asyncio.CancelledError):
            try:
                server = await asyncio.open_connection(host, int(port))
                connection = self._wires.connected()
                await Relay(
                    (reader, writer),
                    server,
                    lambda words: self._wires.arrived(self._replica, connection, words),
                ).run()
            finally:
                writer.close()
