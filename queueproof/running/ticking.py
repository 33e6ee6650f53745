"""A thread beside a run that does something every so often, such as a line in a log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: A log gets a line so often, whatever happens.
LINE_EVERY_S = 10.0


@contextmanager
def ticking(act: Callable[[], None], every_s: float = LINE_EVERY_S) -> Iterator[None]:
    """While the body runs, call `act` every so often from a thread; never after the body's end."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(every_s):
            act()

    thread = threading.Thread(target=tick, name="ticking", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
