"""Opening connections to a deployment's URLs, and sorting them by the worker behind each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from queueproof.errors import Inconclusive, TargetUnreachable
from queueproof.targets.addresses import Addresses
from queueproof.targets.identify import ByHeader, ByProcess, Identifier
from queueproof.targets.protocol import Reply
from queueproof.targets.sorted_connections import SortedConnections
from queueproof.targets.vantage import Vantage

_OPENERS = 12
#: So often, and after so long, what nobody holds any more is opened and looked for again.
_UNSORTED, _UNSORTED_S = 3, 0.5


class ConnectionOpener:
    """Opens connections, spread over the URLs; `turns` says how many may open at a time."""

    def __init__(
        self,
        addresses: Addresses,
        connections: SortedConnections,
        *,
        ping: Callable[[Vantage], Awaitable[object]],
        worker_header: str = "",
    ) -> None:
        self.addresses = addresses
        self._connections = connections
        self._ask = ping
        self._worker_header = worker_header
        self._hint_header = ""
        self.turns = _turns(connections)

    def sort_by(self, identifier: Identifier) -> None:
        """Sort this way from now on; answers are read for the headers that it needs."""
        self._connections.identifier = identifier
        self.turns = _turns(self._connections)
        self._worker_header = identifier.header if isinstance(identifier, ByHeader) else ""
        self._hint_header = identifier.hint_header if isinstance(identifier, ByProcess) else ""
        for vantage in self._connections.every:
            vantage.worker_header = self._worker_header
            vantage.hint_header = self._hint_header

    async def ping(self, vantage: Vantage) -> None:
        """The cheapest request; a URL that refuses it is noted.

        Raises TargetUnreachable when the connection is refused.
        """
        fresh = vantage.port is None
        try:
            with self._connections.resting.watched(vantage):
                reply = await self._ask(vantage)
        except TargetUnreachable:
            self.addresses.refused(vantage.url)
            raise
        if not isinstance(reply, Reply) or reply.answered:
            self.addresses.accepted(vantage.url)
        elif fresh:
            self.addresses.unanswered(vantage.url)

    async def open_in_turn(self, number: int, company: list[Vantage]) -> list[Vantage]:
        """Open and sort connections one after another.

        A worker whose event loop turns accepts all that wait at that moment: opened at once, they
        would nearly always share one worker. Where even so none new turns up, `company` keeps the
        known workers busy while the next connection waits for somebody to accept it.
        """
        vantages = self._make(number)
        for vantage in vantages:
            await asyncio.gather(*(self._first_ping(one) for one in [*company, vantage]))
        return await self._sorted(vantages)

    async def open(self, number: int) -> list[Vantage]:
        """Open and sort connections at once: on a busy target the first of many opened in turn
        would be closed as idle before the last is open.
        """
        vantages = self._make(number)
        await asyncio.gather(*(self._first_ping(vantage) for vantage in vantages))
        return await self._sorted(vantages)

    def _make(self, number: int) -> list[Vantage]:
        """Vantages to be, spread over the URLs."""
        vantages = [
            Vantage(self.addresses.next(), worker_header=self._worker_header) for _ in range(number)
        ]
        for vantage in vantages:
            vantage.hint_header = self._hint_header
        self._connections.every.update(vantages)
        return vantages

    async def _first_ping(self, vantage: Vantage) -> None:
        """Open a connection, or drop it; raises TargetUnreachable when no URL accepts one."""
        try:
            await self.ping(vantage)
        except TargetUnreachable:
            await self._connections.drop(vantage)
            if not self.addresses.any_left:
                raise
            return
        if self.addresses.is_silent(vantage.url) and vantage.port is None:
            await self._connections.drop(vantage)

    async def _sorted(self, vantages: list[Vantage]) -> list[Vantage]:
        """Those that are open, sorted; raises Inconclusive where they cannot be."""
        every, identifier = self._connections.every, self._connections.identifier
        if identifier is None:
            return [vantage for vantage in vantages if vantage in every]
        # By counters it has been tried long enough already.
        more = 0 if identifier.must_stay_warm else _UNSORTED
        for attempt in range(more + 1):
            opened = [vantage for vantage in vantages if vantage.port is not None]
            complete = self._connections.known.complete
            anchors = list(self._connections.anchors.values())
            try:
                await identifier.identify(opened, anchors, complete=complete)
                break
            except Inconclusive:
                if attempt == more:
                    raise
            # A worker that goes may close what it has just answered, before it is sorted.
            await asyncio.sleep(_UNSORTED_S)
            again = [one for one in vantages if one.worker is None and one in every]
            await asyncio.gather(*(self._first_ping(one) for one in again))
        closed = [vantage for vantage in opened if vantage.port is None]
        await asyncio.gather(*(self._connections.drop(vantage) for vantage in closed))
        return [vantage for vantage in opened if vantage.port is not None]


def _turns(connections: SortedConnections) -> asyncio.Semaphore:
    """Sorting by counters needs quiet; every other way bears company."""
    return asyncio.Semaphore(1 if connections.costly else _OPENERS)
