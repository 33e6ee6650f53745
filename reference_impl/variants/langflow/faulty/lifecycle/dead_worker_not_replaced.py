"""A worker that dies is not replaced: the master that would do it is busy, or is not there.

Service goes on with fewer and fewer workers.
"""

from __future__ import annotations

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

FAILS = frozenset({"LIFE-002"})
PLAYS = ("LIFE-001", "LIFE-003", "LIFE-004", "LIFE-002", "POLL-001")


def install() -> None:
    """Workers are started once."""
    spawn = Arbiter.spawn_worker

    def spawn_at_first(arbiter: Arbiter) -> object:
        if arbiter.worker_age >= arbiter.cfg.workers:
            return None
        return spawn(arbiter)

    Arbiter.spawn_worker = spawn_at_first
