"""The first worker that dies is replaced, and no other: its restarts are counted over a life.

``StartLimitBurst`` without an interval. After some weeks there is one worker left.
"""

from __future__ import annotations

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

FAILS = frozenset({"LIFE-002"})
PLAYS = ("LIFE-001",)
SPARE = 1


def install() -> None:
    """One more is started than there are."""
    spawn = Arbiter.spawn_worker

    def spawn_while_some_are_left(arbiter: Arbiter) -> object:
        if arbiter.worker_age >= arbiter.cfg.workers + SPARE:
            return None
        return spawn(arbiter)

    Arbiter.spawn_worker = spawn_while_some_are_left
