"""What is due is noticed ten seconds later.

Seen where the scheduler looks once in its interval, whatever is due in between.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-005"})
PLAYS = ("PROM-004",)


def install() -> None:
    """Take what is due for due later."""
    script = JobStore.script

    def late(self: JobStore, name: str) -> str:
        text = script(self, name)
        return (
            text.replace("'-inf', ARGV[3]", "'-inf', ARGV[3] - 10000", 1)
            if (name == "promote")
            else text
        )

    JobStore.script = late  # type: ignore[method-assign]
