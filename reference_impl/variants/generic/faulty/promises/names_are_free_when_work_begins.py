"""The name of a unique job is free as soon as the job begins.

Seen where uniqueness means that two may not wait, and the documentation says more.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-024"})
PLAYS = ("PROM-026..029",)


def install() -> None:
    """Set it free with the claim."""
    claim = JobStore.claim

    async def freeing(self: JobStore) -> tuple[str, int] | None:
        claimed = await claim(self)
        if claimed and (name := await self.redis.hget(f"job:{claimed[0]}", "unique")):
            await self.redis.delete(name)
        return claimed

    JobStore.claim = freeing  # type: ignore[method-assign]
