"""A job that failed for good is in no list of dead letters.

Seen where the list is filled by a hook that nobody installed.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

OLD = "if state == 'failed' then"
NEW = "if false then"
FAILS = frozenset({"PROM-030"})
PLAYS = ("PROM-006", "PROM-031")


def install() -> None:
    """Put nothing into it."""
    script = JobStore.script

    def altered(self: JobStore, name: str) -> str:
        text = script(self, name)
        return text.replace(OLD, NEW) if name == "finish" else text

    JobStore.script = altered  # type: ignore[method-assign]
