"""Jobs that are submitted at the same moment get the same id.

Seen where an id is the time in which a job came.
"""

from __future__ import annotations

import time

from reference_impl.generic.front import Front

FAILS = frozenset({"SUBM-001"})
PLAYS = ("SUBM-003",)
_MOMENT_S = 0.2


def install() -> None:
    """Make a new one only after a moment."""
    new_id = Front.new_id
    last: list[tuple[float, str]] = []

    def coarse(self: Front) -> str:
        now_s = time.monotonic()
        if not last or now_s - last[-1][0] > _MOMENT_S:
            last.append((now_s, new_id(self)))
        return last[-1][1]

    Front.new_id = coarse  # type: ignore[method-assign]
