"""What is kept of a job in Redis besides RQ's own: whose it is, its state, its events.

The end is one script: whoever comes first, the task or a cancel, says how the job ended, once.
"""

from __future__ import annotations

import json
import os
from typing import Any

from redis import Redis

KEPT_S = 3600
FAULT = os.environ.get("JOBS_FAULT", "")
_END = """
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'finished' or state == 'failed' or state == 'cancelled' then
  return 0
end
redis.call('HSET', KEYS[1], 'state', ARGV[1])
redis.call('XADD', KEYS[2], '*', 'event', ARGV[2])
return 1
"""
_BEGIN = """
if redis.call('HGET', KEYS[1], 'state') ~= 'queued' then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'running')
return 1
"""


def connect() -> Redis:
    """The Redis that everything shares."""
    return Redis.from_url(os.environ.get("JOBS_REDIS_URL", "redis://127.0.0.1:6379"))


def job_key(job_id: str) -> str:
    """Where a job's owner and state are."""
    return f"jobs:{job_id}"


def events_key(job_id: str) -> str:
    """Where a job's events are."""
    return f"jobs:{job_id}:events"


class JobStore:
    """Jobs, as the API and the tasks see them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._end = redis.register_script(_END)
        self._begin = redis.register_script(_BEGIN)

    def create(self, job_id: str, owner: str) -> None:
        """A job that waits."""
        self._redis.hset(job_key(job_id), mapping={"owner": owner, "state": "queued"})
        self._redis.expire(job_key(job_id), KEPT_S)

    def begin(self, job_id: str) -> bool:
        """Whether the job may run: it still waits."""
        return bool(self._begin(keys=[job_key(job_id)]))

    def tell(self, job_id: str, event: dict[str, Any]) -> None:
        """One more event."""
        self._redis.xadd(events_key(job_id), {"event": json.dumps(event)})

    def end(self, job_id: str, state: str, *, reason: str = "") -> bool:
        """The last event and the state that goes with it; False when it had ended before."""
        if FAULT == "failures_look_finished" and state == "failed":
            state = "finished"
        event = json.dumps({"type": state, "reason": reason})
        keys = [job_key(job_id), events_key(job_id)]
        ended = bool(self._end(keys=keys, args=[state, event]))
        self._redis.expire(events_key(job_id), KEPT_S)
        return ended

    def cancel(self, job_id: str) -> None:
        """Mark the job, so that the task stops."""
        self._redis.hset(job_key(job_id), "cancel", "1")

    def is_cancelled(self, job_id: str) -> bool:
        """Whether it was marked."""
        return self._redis.hexists(job_key(job_id), "cancel")
