"""Another layout of the same store: every key of a job, a lease or a channel has another name."""

from __future__ import annotations

from reference_impl.store import redis_keys as keys


def install() -> None:
    """Rename everything."""
    keys.LEASES = "queue{alive}"
    keys.PULSE = "queue{alive}.pulse"
    keys.JOB_PREFIX = "build/"
    keys.WORKER_PREFIX = "runner/"
    keys.activity = lambda job_id: f"seen/{job_id}"
    keys.marker = lambda job_id: f"stop/{job_id}/please"
    keys.cancel_channel = lambda db: f"news-of-{db}"
