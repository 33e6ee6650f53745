"""A job as its owner holds it: the local queue, and the two tasks at its ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from reference_impl.core.events import Closing, Event, make_event
from reference_impl.store.base import Reservation


class Job:
    """One build this worker runs.

    The component's side calls ``emit`` and ``finish``; the bridge takes from ``queue``. Nothing
    enters the queue after a closing, and a muted job's component is no longer heard.
    """

    def __init__(self, reservation: Reservation, *, started_s: float) -> None:
        self.reservation = reservation
        self.started_s = started_s
        self.owned_since = time.monotonic()
        self.queue: asyncio.Queue[Event | Closing] = asyncio.Queue()
        self.muted = False
        self.stopping = False
        self.runner: asyncio.Task[None] | None = None
        self.bridge: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def id(self) -> str:
        """The job's ID."""
        return self.reservation.job_id

    def emit(self, name: str, data: Mapping[str, Any]) -> None:
        """Pass an event on; from any thread, in order."""
        event = make_event(name, data)
        try:
            on_loop = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            on_loop = False
        if on_loop:
            self._put(event)
        else:
            self._loop.call_soon_threadsafe(self._put, event)

    def finish(self, closing: Closing) -> None:
        """Pass on how the job ends."""
        self.muted = True
        self.queue.put_nowait(closing)

    def _put(self, event: Event) -> None:
        if not self.muted:
            self.queue.put_nowait(event)
