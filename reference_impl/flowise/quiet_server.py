"""Uvicorn under somebody else's command: whoever runs it decides when it stops, and with what code.

By itself it ends its process with the signal that stopped it, which looks like a crash to whoever
waits for an exit code.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import uvicorn


class QuietServer(uvicorn.Server):
    """Leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def on_stop_signals(stopped: asyncio.Event) -> None:
    """Set the event when the process is asked to stop, or its terminal closes.

    `nohup` has it outlive its terminal.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stopped.set)
