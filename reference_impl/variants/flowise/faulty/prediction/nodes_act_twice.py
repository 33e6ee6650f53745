"""A worker's nodes send each request twice: what repeats failed ones repeats them all."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.worker import Worker

FAILS = frozenset({"PRED-008", "QUEU-006"})
PLAYS = ("PRED-001", "LIVE-002")

_init = Worker.__init__


def _doubling(self: Worker, *args: Any, **parts: Any) -> None:
    _init(self, *args, **parts)
    fetch = self.runner.fetch

    async def twice(url: str) -> None:
        await fetch(url)
        await fetch(url)

    self.runner.fetch = twice


def install() -> None:
    """Ask twice."""
    Worker.__init__ = _doubling  # type: ignore[method-assign]
