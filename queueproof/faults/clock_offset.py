"""Clock offset: one replica's wall clock is ahead of the others', or behind.

A replica reads its offset from a file: launched ones through a module that Python loads at start
(see stack/clock_shim), a deployment's through libfaketime. Its HTTP `Date` header shows it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

import httpx

from queueproof.errors import HarnessError, NotAssessed
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.needs import StackNeeds
from queueproof.stack.replica import Replica
from queueproof.targets.transports import client_options
from queueproof.waiting import eventually

_SEEN_WITHIN_S = 4.0
_CLOSE_S = 2.0


@fault("clock_offset", needs=StackNeeds(clocks=True))
def clock_offset(
    stack: ChaosStack, *, offset_s: float = -120.0, replicas: Sequence[int] | None = None
) -> Fault:
    """Shift the wall clock of a replica (the first by default) by `offset_s` seconds."""
    chosen = stack.chosen(replicas or [0])
    if not all(replica.keeper.clock_file for replica in chosen):
        raise NotAssessed(
            "a clock cannot be shifted here: start the replica under libfaketime and name its "
            "FAKETIME_TIMESTAMP_FILE as clock_file in [[chaos.replicas]]"
        )
    return ClockOffset(chosen, offset_s)


class ClockOffset:
    """Writes the file, and reads the `Date` header."""

    def __init__(self, replicas: Sequence[Replica], offset_s: float) -> None:
        self.name = f"clock {offset_s:+g} s on {', '.join(r.name for r in replicas)}"
        self._replicas = tuple(replicas)
        self._offset_s = offset_s

    async def apply(self) -> None:
        """Shift."""
        self._write(self._offset_s)

    async def confirm(self) -> str:
        """What the replicas' own answers say the time is."""
        seen = [await self._settles(replica, self._offset_s) for replica in self._replicas]
        if not all(right for _, right in seen):
            raise Unconfirmed(f"{self.name}: the Date header is off by {seen[0][0]:+.0f} s")
        return f"the Date header is off by {seen[0][0]:+.0f} s"

    async def heal(self) -> None:
        """Back to the true time, as the answers of those that answer confirm."""
        self._write(0.0)
        for replica in self._replicas:
            off, right = await self._settles(replica, 0.0)
            if not right and await replica.serving():
                raise HarnessError(f"{replica.name}'s clock is still off by {off:+.0f} s")

    def _write(self, offset_s: float) -> None:
        for replica in self._replicas:
            assert replica.keeper.clock_file is not None
            replica.keeper.clock_file.write_text(f"{offset_s:+g}", "ascii")

    async def _settles(self, replica: Replica, wanted_s: float) -> tuple[float, bool]:
        async def off_by() -> float:
            return await _offset_of(replica)

        return await eventually(
            off_by, lambda off: abs(off - wanted_s) <= _CLOSE_S, within_s=_SEEN_WITHIN_S
        )


async def _offset_of(replica: Replica) -> float:
    """How far its clock is ahead; far off when it does not answer."""
    try:
        async with httpx.AsyncClient(timeout=2.0, **client_options(replica.url)) as client:
            answer = await client.get(f"{replica.url}{replica.ready_path}")
        return parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time()
    except (httpx.HTTPError, KeyError, ValueError):
        return float("inf")
