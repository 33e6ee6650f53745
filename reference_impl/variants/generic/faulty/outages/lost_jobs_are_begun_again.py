"""Jobs are promised to run at most once, and one whose worker was killed is begun again.

Seen where late acknowledgement was switched on for all tasks, the ones that pay among them.
"""

from __future__ import annotations

SCENARIOS = {"CHAOS-201": frozenset({"OUTG-002"})}
PROMISES = {"delivery": '"at-most-once"'}


def install() -> None:
    """The promise is all that is different."""
