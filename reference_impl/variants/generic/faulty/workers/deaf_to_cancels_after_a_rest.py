"""A worker that had nothing to do for a while hears of no cancel any more.

As RQ 2.3.1 did, whose subscription ended in a timeout of its socket.
"""

from __future__ import annotations

import time

from reference_impl.generic.store import JobStore

FAILS = frozenset({"WORK-002"})
PLAYS = ()
_REST_S = 15.0
_last_s = [time.monotonic()]
_deaf = [False]


def install() -> None:
    """Take no notice of cancels after a rest."""
    claim, renew = JobStore.claim, JobStore.renew

    async def resting(self: JobStore) -> tuple[str, int] | None:
        claimed = await claim(self)
        if claimed:
            _deaf[0] |= time.monotonic() - _last_s[0] > _REST_S
            _last_s[0] = time.monotonic()
        return claimed

    async def deaf(self: JobStore, job_id: str, attempt: int) -> str:
        told = await renew(self, job_id, attempt)
        _last_s[0] = time.monotonic()
        return "held" if told == "cancelled" and _deaf[0] else told

    JobStore.claim = resting  # type: ignore[method-assign]
    JobStore.renew = deaf  # type: ignore[method-assign]
