"""The names in Redis: BullMQ's own, and beside them our helper keys, all by queue name."""

from __future__ import annotations

from dataclasses import dataclass

BULL_PREFIX = "bull"


@dataclass(frozen=True)
class Keys:
    """The names of one deployment's prediction queue."""

    queue: str

    def job(self, job_id: str) -> str:
        """BullMQ's hash of a job."""
        return f"{BULL_PREFIX}:{self.queue}:{job_id}"

    def lock(self, job_id: str) -> str:
        """BullMQ's lock of a job."""
        return f"{self.job(job_id)}:lock"

    def bull(self, name: str) -> str:
        """One of BullMQ's keys of the whole queue."""
        return f"{BULL_PREFIX}:{self.queue}:{name}"

    def live(self, job_id: str) -> str:
        """The stream of a job's live events; an entry's ID is its number."""
        return f"flowise:{self.queue}:live:{job_id}"

    @property
    def secret(self) -> str:
        """The fingerprint of the main server's secret key."""
        return f"flowise:{self.queue}:secret"
