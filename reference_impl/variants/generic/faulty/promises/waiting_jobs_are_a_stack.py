"""Who came last is served first.

Seen where both ends of a list are pushed to and popped from alike.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-010"})
PLAYS = ("PROM-009", "SUBM-002")


def install() -> None:
    """Pop where it was pushed."""
    script = JobStore.script

    def stack(self: JobStore, name: str) -> str:
        text = script(self, name)
        return text.replace("RPOP", "LPOP") if name == "claim" else text

    JobStore.script = stack  # type: ignore[method-assign]
