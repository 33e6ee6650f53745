"""Being told to stop: by Ctrl-C, by a service manager, by a terminal or connection that closes.

SIGINT, SIGTERM and SIGHUP mean the same: end early, heal and remove what was made, report what was
found. A second one cuts short what takes its time meanwhile, step by step; nothing is skipped.
While the report is written, which takes a moment, they are not heard.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def heeded() -> list[signal.Signals]:
    """Those that end this process; `nohup` has it outlive its terminal."""
    return [
        number
        for number in SIGNALS
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN
    ]


@contextmanager
def unheard() -> Iterator[None]:
    """While what was found is written down, no signal ends the process."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in before:
        signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def unheard_from_here() -> None:
    """A signal that comes while the interpreter shuts down changes the exit code no more.

    Handlers of Python's own are taken away then, and what a signal does by default is to kill.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def as_keyboard_interrupt() -> None:
    """Outside of a run each signal is a KeyboardInterrupt, which `finally` and callers know."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    for number in heeded():
        signal.signal(number, interrupt)
