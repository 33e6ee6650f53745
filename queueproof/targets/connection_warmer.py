"""Keeping sorted connections open, and every worker in view, between the uses that cases make."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from contextlib import suppress

from queueproof.errors import QueueproofError
from queueproof.targets.connection_opener import ConnectionOpener
from queueproof.targets.sorted_connections import SortedConnections
from queueproof.targets.upkeep import Upkeep
from queueproof.targets.vantage import Vantage

_SEEK_TRIES, _SEEK_PAUSE_S = 4, 2.0


class ConnectionWarmer:
    """Asks each connection that stands by now and then, and looks for workers out of view."""

    def __init__(
        self, connections: SortedConnections, opener: ConnectionOpener, upkeep: Upkeep
    ) -> None:
        self._connections = connections
        self._opener = opener
        self._upkeep = upkeep
        self._warmer: asyncio.Task[None] | None = None
        self._warming: dict[Vantage, asyncio.Task[None]] = {}
        self._seeking: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What it has under way."""
        under_way = [task for task in (self._warmer, self._seeking) if task is not None]
        return [*self._warming.values(), *under_way]

    def start(self) -> None:
        """Begin, once."""
        if self._warmer is None:
            self._warmer = asyncio.create_task(self._keep_warm())

    async def _keep_warm(self) -> None:
        """Servers close idle connections after seconds; what is sorted shall stay sorted.

        Each connection has a task of its own: one after another, a slow worker's answer would keep
        the others waiting until they are closed.
        """
        while True:
            await asyncio.sleep(self._upkeep.warm_every_s)
            for vantage in self._due():
                if vantage not in self._warming:
                    self._warming[vantage] = asyncio.create_task(self._warm(vantage))
            self._look_for_lost_workers()

    def _due(self) -> list[Vantage]:
        """What has rested for long enough; of the idle ones, one is left alone for longer."""
        every_s, resting = self._upkeep.warm_every_s, self._connections.resting
        idle = self._connections.pool.latest(self._upkeep.kept_warm)
        left_alone = max(idle, key=lambda one: one.idle_s, default=None)
        return [
            vantage
            for vantage in [*self._connections.anchors.values(), *idle]
            if vantage.idle_s
            > max(every_s, resting.tried_s if vantage is left_alone else resting.safe_s)
        ]

    async def _warm(self, vantage: Vantage) -> None:
        identifier = self._connections.identifier
        try:
            with suppress(QueueproofError):
                if identifier is not None and vantage in self._connections.anchors.values():
                    with self._connections.resting.watched(vantage):
                        await identifier.keep(vantage)
                else:
                    await self._opener.ping(vantage)
        finally:
            self._warming.pop(vantage, None)

    def _look_for_lost_workers(self) -> None:
        """Where no connection stands by to be a worker's anchor, one is looked for."""
        lost = self._connections.replace_moved_anchors()
        if lost and (self._seeking is None or self._seeking.done()):
            self._seeking = asyncio.create_task(self._seek(lost))

    async def _seek(self, lost: Set[str]) -> None:
        """Bring workers back into view before a case asks for them."""
        with suppress(QueueproofError):
            async with self._opener.turns:
                for _ in range(_SEEK_TRIES):
                    if lost <= self._connections.anchors.keys():
                        return
                    for vantage in await self._opener.open(self._upkeep.batch):
                        self._connections.shelve(vantage)
            await asyncio.sleep(_SEEK_PAUSE_S)
