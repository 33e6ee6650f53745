"""A job whose worker was killed is never run again: nobody looks whose lease has ended.

Seen where jobs are taken off the list before they are run.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"WORK-006", "WORK-007"})
PLAYS = ("WORK-009",)
SCENARIOS = {"CHAOS-201": frozenset({"OUTG-001"}), "CHAOS-206": frozenset({"OUTG-001"})}


def install() -> None:
    """Look after delays alone."""
    script = JobStore.script

    def careless(self: JobStore, name: str) -> str:
        text = script(self, name)
        return (
            text.replace("KEYS[2], '-inf', ARGV[3]", "KEYS[2], '-inf', '-inf'")
            if (name == "promote")
            else text
        )

    JobStore.script = careless  # type: ignore[method-assign]
