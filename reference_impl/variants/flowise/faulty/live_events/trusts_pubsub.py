"""What pub/sub did not deliver is lost: nobody counts the events.

As the real Flowise does; three events went missing when connections were cut in a burst.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.live_reader import LiveEvent, LiveReader

FAILS = frozenset({"LIVE-006"})
SCENARIOS = {"CHAOS-111": frozenset({"RESI-003", "RESI-004"})}
PLAYS = ("STRM-005",)


async def _whatever_comes(self: LiveReader) -> AsyncIterator[LiveEvent]:
    self._wake.clear()
    if self.delivered == 0 and self._behind:
        self._behind = False
        async for event in self._caught_up():
            yield event
    self._behind = False
    while self._pushed:
        event = self._pushed.popleft()
        if event.number > self.delivered:
            self.delivered = event.number
            yield event


def install() -> None:
    """Never look back."""
    LiveReader.ready = _whatever_comes  # type: ignore[method-assign]
