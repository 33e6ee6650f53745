"""A cancel is answered at once and stops the work some seconds later.

Seen where a worker looks for cancels once in its polling interval.
"""

from __future__ import annotations

import time

from reference_impl.generic.store import JobStore

FAILS = frozenset({"CANC-017"})
PLAYS = ("CANC-002", "CANC-003", "CANC-005")
_LATER_S = 3.0


def install() -> None:
    """Hear of a cancel, and act on it later."""
    renew = JobStore.renew
    heard_s: dict[str, float] = {}

    async def leisurely(self: JobStore, job_id: str, attempt: int) -> str:
        told = await renew(self, job_id, attempt)
        since_s = time.monotonic() - heard_s.setdefault(job_id, time.monotonic())
        if told != "cancelled":
            heard_s.pop(job_id)
        return "held" if told == "cancelled" and since_s < _LATER_S else told

    JobStore.renew = leisurely  # type: ignore[method-assign]
