"""Of the jobs that a worker has fetched, the last one is run first.

As dramatiq 2.1.0 did with what it had prefetched (dramatiq#850).
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "'LPUSH', KEYS[2]"
NEW = "'RPUSH', KEYS[2]"
FAILS = frozenset({"WORK-005"})
PLAYS = ()
SETTINGS = {"JOBS_SLOTS": "4"}


def install() -> None:
    """Push where it is popped."""
    exchange_in_script("submit", OLD, NEW)
