"""What the bridge keeps of a job, on a Redis of its own: whose id it is, its runs, its steps.

No outage touches that Redis, so that what is seen of a job is what the library did with it. The
library's own id is the job's id; a token made at the submit ties it to what the work reports,
since an id that a library gives twice must not mix two jobs' steps.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any

from redis import Redis

from bridges.settings import OWN_URL

_KEPT_S = 6 * 3600
PAGE = 500


class Record:
    """Jobs as the bridge saw them; one connection pool, safe to use after a fork."""

    def __init__(self, url: str = OWN_URL) -> None:
        self._redis: Any = Redis.from_url(url, decode_responses=True)

    def submitted(self, job_id: str, token: str) -> None:
        """The library gave a job this id."""
        self._redis.set(f"id:{job_id}", token, ex=_KEPT_S)

    def token_of(self, job_id: str) -> str | None:
        """The token of a job that was submitted here; None for an id that nobody was given."""
        found: str | None = self._redis.get(f"id:{job_id}")
        return found

    def begin(self, token: str) -> int:
        """A worker begins a run of the job; how many it has begun before."""
        name = f"{socket.gethostname()}:{os.getpid()}"
        begun = int(self._redis.rpush(f"runs:{token}", name)) - 1
        self._redis.expire(f"runs:{token}", _KEPT_S)
        return begun

    def runs(self, token: str) -> list[str]:
        """Who began a run of the job, as host:process, in order."""
        found: list[str] = self._redis.lrange(f"runs:{token}", 0, -1)
        return found

    def step(self, token: str, step: int, padding: int) -> None:
        """A step was done."""
        event = json.dumps({"type": "step", "step": step, "padding": "x" * padding})
        self._redis.xadd(f"steps:{token}", {"event": event})
        self._redis.expire(f"steps:{token}", _KEPT_S)

    def steps_after(self, token: str, position: str) -> list[tuple[str, dict[str, Any]]]:
        """Positions and events behind a position, at most a page of them; the first is "0"."""
        rows = self._redis.xrange(f"steps:{token}", min=f"({position}", count=PAGE)
        return [(place, json.loads(row["event"])) for place, row in rows]
