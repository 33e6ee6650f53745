"""Counts who is reading through this worker now (``consumer_wrapper_count``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class ReadersCount:
    """Open streams and polls under way."""

    def __init__(self) -> None:
        self.now = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count one reader for as long as it reads."""
        self.now += 1
        try:
            yield
        finally:
            self.now -= 1
