"""One lost connection to Redis, and every open stream ends in the middle, without a word.

The blocking read raises, the generator returns, the response is complete. Nothing was lost and
nothing is said; a client that took the end of the stream for the end of the build is wrong.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store import redis as redis_store
from reference_impl.store.base import Entry, StoreUnavailable

SCENARIOS = {"CHAOS-030": frozenset({"RESI-004"})}
T = TypeVar("T")


class FragileReader(StreamReader):
    """Ends with its connection."""

    async def more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        """The next entries, if Redis answers at the first attempt."""
        return await self._more(job_id, after=after, arrived=arrived)

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """As far as the connection reaches."""
        try:
            async for entry in super().entries(job_id):
                yield entry
        except StoreUnavailable:
            return


async def once(question: Callable[[], Awaitable[T]]) -> T:
    """Ask, and leave it at that."""
    return await question()


def install() -> None:
    """Nothing is asked again over a fresh connection."""
    redis_store._repeated = once  # noqa: SLF001


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = FragileReader
