"""A job that has finished leaves its lease behind; when that is over, the job has failed.

As RQ 2.4.1 did with workers that spawn (rq#2289, rq#2290).
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"WORK-001"})
PLAYS = ("PROM-001",)
_LEFT = "redis.call('ZREM', KEYS[2], ARGV[1])\n"
_LOST = "elseif told[1] == 'running' then"
_SWEPT = "elseif told[1] == 'finished' then redis.call('HSET', job, 'state', 'failed')\n  "


def install() -> None:
    """Leave it, and sweep it."""
    script = JobStore.script

    def sweeping(self: JobStore, name: str) -> str:
        text = script(self, name)
        if name == "finish":
            return text.replace(_LEFT, "")
        return text.replace(_LOST, _SWEPT + _LOST) if name == "promote" else text

    JobStore.script = sweeping  # type: ignore[method-assign]
