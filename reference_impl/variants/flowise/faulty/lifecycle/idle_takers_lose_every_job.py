"""After twenty idle seconds whatever is taken is lost.

The connection that brings it was closed for being idle, and is never made anew.
"""

from __future__ import annotations

import time

from bullmq.job import Job

from reference_impl.flowise.taker import Taker

FAILS = frozenset({"LIFE-012"})
PLAYS = ("PRED-001", "ABRT-001")
IDLE_S = 20.0

_next, _run = Taker._next, Taker.run
_last_s: dict[int, float] = {}


async def _awake(self: Taker) -> None:
    _last_s[id(self)] = time.monotonic()
    await _run(self)


async def _or_lost(self: Taker) -> Job | None:
    job = await _next(self)
    if job is None:
        return None
    now_s = time.monotonic()
    if now_s - _last_s[id(self)] >= IDLE_S:
        return None
    _last_s[id(self)] = now_s
    return job


def install() -> None:
    """Lose what comes after a pause, for good."""
    Taker.run = _awake  # type: ignore[method-assign]
    Taker._next = _or_lost  # type: ignore[method-assign]
