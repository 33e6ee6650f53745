"""The name of a unique job is not set free when the job completes.

Seen where a lock lives by its expiry alone.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

OLD = "if told[4] and told[4] ~= ''"
NEW = "if state ~= 'finished' and told[4] and told[4] ~= ''"
FAILS = frozenset({"PROM-026"})
PLAYS = ("PROM-024", "PROM-027", "PROM-028")


def install() -> None:
    """Keep it."""
    script = JobStore.script

    def altered(self: JobStore, name: str) -> str:
        text = script(self, name)
        return text.replace(OLD, NEW) if name == "finish" else text

    JobStore.script = altered  # type: ignore[method-assign]
