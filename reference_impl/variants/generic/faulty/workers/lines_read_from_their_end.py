"""Of the jobs that a worker has fetched, the last one is run first.

As dramatiq 2.1.0 did with what it had prefetched (dramatiq#850).
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"WORK-005"})
PLAYS = ()
SETTINGS = {"JOBS_SLOTS": "4"}


def install() -> None:
    """Pop where it was pushed."""
    script = JobStore.script

    def backwards(self: JobStore, name: str) -> str:
        text = script(self, name)
        return text.replace("RPOP", "LPOP") if name == "claim" else text

    JobStore.script = backwards  # type: ignore[method-assign]
