"""Once a client has polled a job to its end, what it was told is thrown away, save the end.

To save memory the stream is trimmed to what has not been delivered yet. Another tab that opens
the job's stream then, or the same one reloaded, finds nothing.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import Poller
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"STRM-009"})
PLAYS = ("STRM-008..009", "POLL-005", "POLL-011..012", "TTL-007")


class ThriftyPoller(Poller):
    """Trims what has been delivered."""

    async def settle(self, job_id: str, token: str, *, delivered: bool) -> None:
        """Say what became of a take; of a job that is over the end remains."""
        await super().settle(job_id, token, delivered=delivered)
        record = await self.store.record(job_id)
        if delivered and record is not None and record.state.is_over:
            assert isinstance(self.store, RedisStore)
            await self.store.client.xtrim(keys.stream(job_id), maxlen=2, approximate=False)


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = ThriftyPoller
