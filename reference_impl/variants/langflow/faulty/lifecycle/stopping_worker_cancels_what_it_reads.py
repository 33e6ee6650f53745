"""A worker that is asked to stop closes its streams, and takes each for a closed tab.

So recycling a worker cancels the builds of other workers that are read on it.
"""

from __future__ import annotations

from reference_impl.langflow import http_builds
from reference_impl.langflow.responses import EventStream
from reference_impl.langflow.worker import Worker

FAILS = frozenset({"LIFE-010"})
PLAYS = ("CANC-011",)

_open: dict[int, EventStream] = {}


class KnownStream(EventStream):
    """Is on the list while it is open."""

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        """Send until the events end or the client leaves."""
        _open[id(self)] = self
        try:
            await super().__call__(scope, receive, send)
        finally:
            _open.pop(id(self), None)


def install() -> None:
    """A stop is the end of every stream."""
    begin_stop = Worker.begin_stop

    def stopping(self: Worker) -> None:
        begin_stop(self)
        for stream in list(_open.values()):
            stream._on_left()  # noqa: SLF001
        _open.clear()

    Worker.begin_stop = stopping  # type: ignore[method-assign]
    http_builds.EventStream = KnownStream  # type: ignore[attr-defined]  # where it is looked up
