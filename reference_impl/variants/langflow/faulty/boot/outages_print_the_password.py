"""When Redis is lost, the log says from where: with the whole URL, its password included.

At the start the settings are printed without it; somebody has thought of that.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from reference_impl.langflow import app
from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import StoreUnavailable
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"BOOT-009"})
PLAYS = ("ACCS-012",)

T = TypeVar("T")


class TellingStore(RedisStore):
    """Says which Redis it is about."""

    async def _once(self, question: Callable[[], Awaitable[T]], *, within_s: float) -> T:
        try:
            return await super()._once(question, within_s=within_s)
        except StoreUnavailable as error:
            raise StoreUnavailable(f"{self.plan.url}: {error}") from error


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = TellingStore


def install() -> None:
    """Nothing is taken out of what is logged."""
    app.CREDENTIALS = re.compile(r"(?!)")
