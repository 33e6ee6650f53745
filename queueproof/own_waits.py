"""Waits of the harness's own, such as for a paced request's turn: no part of any answer's time.

Whoever keeps a deadline hears of them, and puts it off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_told: ContextVar[tuple[Callable[[float], None], ...]] = ContextVar("told_of_waits", default=())


@contextmanager
def told_of_waits(told: Callable[[float], None]) -> Iterator[None]:
    """Within, `told` hears of every wait of a request, in seconds, before it begins.

    For deadlines: what the harness itself waits is not the target's time. Tasks that are started
    within tell of theirs too.
    """
    token = _told.set((*_told.get(), told))
    try:
        yield
    finally:
        _told.reset(token)


def tell_of_wait(wait_s: float) -> None:
    """A request is about to wait for so long."""
    for told in _told.get():
        told(wait_s)
