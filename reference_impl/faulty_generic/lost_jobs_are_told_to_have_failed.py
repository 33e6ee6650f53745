"""A job whose worker was killed is told to have failed, and not run again.

As SAQ 0.12.8 did, whatever its retries (saq#127, saq#191).
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

OLD = "'state', 'waiting')\n    redis.call('RPUSH', ARGV[2] .. (told[3] or 'normal'), id)"
NEW = (
    "'state', 'failed')\n"
    """    redis.call('XADD', ARGV[4] .. id, '*', 'event', '{"type": "failed"}')"""
)
FAILS = frozenset({"WORK-007"})
PLAYS = ("WORK-006",)


def install() -> None:
    """Give it up."""
    script = JobStore.script

    def altered(self: JobStore, name: str) -> str:
        text = script(self, name)
        return text.replace(OLD, NEW) if name == "promote" else text

    JobStore.script = altered  # type: ignore[method-assign]
