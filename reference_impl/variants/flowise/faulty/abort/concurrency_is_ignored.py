"""A worker takes whatever there is, however many it runs already."""

from __future__ import annotations

import dataclasses

import redis.asyncio as aredis

from reference_impl.flowise.job_runner import JobRunner
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.taker import Taker

FAILS = frozenset({"QUEU-004", "ABRT-002"})
PLAYS = ("QUEU-011",)

_init = Taker.__init__


def _unbounded(self: Taker, settings: Settings, client: aredis.Redis, runner: JobRunner) -> None:
    _init(self, dataclasses.replace(settings, concurrency=10_000), client, runner)


def install() -> None:
    """Have ten thousand slots."""
    Taker.__init__ = _unbounded  # type: ignore[method-assign]
