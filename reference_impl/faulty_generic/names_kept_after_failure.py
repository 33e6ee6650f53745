"""The name of a unique job is not set free when the job fails.

Seen where the lock is released behind the work, and not in a `finally`.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

OLD = "if told[4] and told[4] ~= ''"
NEW = "if state ~= 'failed' and told[4] and told[4] ~= ''"
FAILS = frozenset({"PROM-027"})
PLAYS = ("PROM-024", "PROM-026", "PROM-028")


def install() -> None:
    """Keep it."""
    script = JobStore.script

    def altered(self: JobStore, name: str) -> str:
        text = script(self, name)
        return text.replace(OLD, NEW) if name == "finish" else text

    JobStore.script = altered  # type: ignore[method-assign]
