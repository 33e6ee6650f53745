"""After an outage a worker renews its lease and no job's time to live: that task died of the error.

Builds that speak renew their keys as they write. One that is quiet for longer than its time to
live is lost, and nobody connects that with the hiccup of the day before.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.keeper import Keeper
from reference_impl.store.redis_client import script_source

FAILS = frozenset({"TTL-005"})
PLAYS = ("TTL-001", "TTL-007")
RENEWAL = "redis.call('PEXPIRE', key .. part, ARGV[4])"


class HalfAlive(Keeper):
    """Renews by two tasks, of which one is mortal."""

    def __init__(self, *args: Any, **parts: Any) -> None:
        super().__init__(*args, **parts)
        source = script_source("keep")
        assert RENEWAL in source
        self._leases_alone = self._client.register_script(source.replace(RENEWAL, ""))

    def _attempt(self) -> bool:
        renewed = super()._attempt()
        if not renewed:
            self._keep = self._leases_alone
        return renewed


class VariantAssembly(Assembly):
    """Renews with it."""

    keeper_class = HalfAlive
