"""Where a polling client stands is forgotten when its job is quiet for its time to live.

The renewal knows the keys that there were when it was written, and the cursor came later: after
the pause the client is told everything from the beginning.
"""

from __future__ import annotations

from reference_impl.store import redis_keys as keys

FAILS = frozenset({"TTL-005"})
PLAYS = ("TTL-004..008",)


def install() -> None:
    """Lay the cursor where no renewal looks."""
    keys.cursor = lambda job_id: f"lfq:reader:{job_id}"
