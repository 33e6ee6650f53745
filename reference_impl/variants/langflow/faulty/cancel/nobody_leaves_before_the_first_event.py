"""A client that leaves before anything was streamed to it has not been there: its build goes on.

The disconnect is noted by the generator of events, which has not been entered yet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from reference_impl.core.events import Event
from reference_impl.langflow import http_builds
from reference_impl.langflow.responses import EventStream

FAILS = frozenset({"CANC-011"})
PLAYS = ("STRM-005", "CANC-002..005", "CANC-010")


class EnteredStream(EventStream):
    """Knows its client by the first event."""

    def __init__(self, events: AsyncIterator[Event], *, on_left: Callable[[], None]) -> None:
        super().__init__(self._noting(events), on_left=self._leave)
        self._entered = False
        self._left = on_left

    def _leave(self) -> None:
        if self._entered:
            self._left()

    async def _noting(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        async for event in events:
            self._entered = True
            yield event


def install() -> None:
    """Every stream is one."""
    http_builds.EventStream = EnteredStream  # type: ignore[attr-defined]  # where it is looked up
