"""Two queues on one Redis have the same waiting lists: workers take jobs that they do not know.

Seen where a prefix was meant for all keys, and one place forgets it.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"WORK-011"})
PLAYS = ()


def install() -> None:
    """Forget the prefix of what waits."""
    key = JobStore.key

    def forgetful(self: JobStore, kind: str, name: str = "") -> str:
        return f"{kind}{name}" if kind == "waiting:" else key(self, kind, name)

    JobStore.key = forgetful  # type: ignore[method-assign]
