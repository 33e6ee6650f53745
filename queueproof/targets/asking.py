"""Asking again: what an answer that asks to come again, or a lost connection, leaves to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_as_it_comes: ContextVar[bool] = ContextVar("as_it_comes", default=False)


@contextmanager
def as_it_comes() -> Iterator[None]:
    """Within, no request is sent again and every answer is told as it came.

    For what judges outages: there a front's error page is what the target's clients get.
    """
    token = _as_it_comes.set(True)
    try:
        yield
    finally:
        _as_it_comes.reset(token)


def taken_as_it_comes() -> bool:
    """Whether the running task takes every answer as it comes."""
    return _as_it_comes.get()
