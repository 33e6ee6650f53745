"""The first job after twenty idle seconds is taken and lost.

The connection that brings it was closed for being idle; the next fetch makes it anew.
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
    last_s, _last_s[id(self)] = _last_s[id(self)], time.monotonic()
    return job if _last_s[id(self)] - last_s < IDLE_S else None


def install() -> None:
    """Lose what comes first."""
    Taker.run = _awake  # type: ignore[method-assign]
    Taker._next = _or_lost  # type: ignore[method-assign]
