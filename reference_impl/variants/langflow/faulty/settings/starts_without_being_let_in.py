"""A Redis that wants a password is no reason not to start: only a refused connection is.

The check at the start catches what it knows. The server answers health checks, and every build
fails.
"""

from __future__ import annotations

import redis.exceptions as errors

from reference_impl.langflow import preflight, worker
from reference_impl.langflow.preflight import StartRefused
from reference_impl.langflow.settings import Settings
from reference_impl.store import keeper

FAILS = frozenset({"SETT-019"})
PLAYS = ("BOOT-002",)


def install() -> None:
    """Being shut out is not looked at."""
    check = preflight.check_redis

    def lenient(settings: Settings) -> None:
        try:
            check(settings)
        except StartRefused as refused:
            if not isinstance(refused.__cause__, errors.AuthenticationError):
                raise

    preflight.check_redis = lenient
    start = keeper.Keeper.start

    def begun(self: keeper.Keeper) -> None:
        try:
            start(self)
        except errors.AuthenticationError:
            return

    keeper.Keeper.start = begun  # type: ignore[method-assign]
    worker.SUBSCRIBED_WITHIN_S = 0.2
