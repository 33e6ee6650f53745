"""The queue survives one loss of its Redis; a second one it does not come back from.

The flag "reconnecting" is set at the first loss and taken for granted ever after.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import StoreUnavailable
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"LIFE-007"})
PLAYS = ("STRM-002",)
APART_S = 2.0


class WornStore(RedisStore):
    """Counts its outages, and gives up at the second."""

    async def _script(self, name: str, names: Sequence[str], args: Sequence[object]) -> Any:
        lost: list[float] = self.__dict__.setdefault("lost", [])
        if len(lost) > 1:
            raise StoreUnavailable("reconnecting")
        try:
            answer = await super()._script(name, names, args)
        except StoreUnavailable:
            self.__dict__["away"] = True
            raise
        now_s = time.monotonic()
        if self.__dict__.pop("away", False) and (not lost or now_s - lost[-1] > APART_S):
            lost.append(now_s)
        return answer


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = WornStore
