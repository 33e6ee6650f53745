"""When a worker is lost, all leases count as ended, also those of workers that live.

Seen where a recovery takes every job that is under way for one of the dead worker's.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

SCENARIOS = {"CHAOS-201": frozenset({"OUTG-005"})}


def install() -> None:
    """With one lease all others end, and their runs go on unhindered."""
    script, renew = JobStore.script, JobStore.renew

    def all_or_none(self: JobStore, name: str) -> str:
        text = script(self, name)
        old = "redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])"
        every = f"(#{old} > 0 and redis.call('ZRANGE', KEYS[2], 0, -1) or {{}})"
        return text.replace(old, every) if name == "promote" else text

    async def unhindered(self: JobStore, job_id: str, attempt: int) -> str:
        told = await renew(self, job_id, attempt)
        return "held" if told == "lost" else told

    JobStore.script = all_or_none  # type: ignore[method-assign]
    JobStore.renew = unhindered  # type: ignore[method-assign]
