"""What is kept of jobs in Redis. Every change of a job's state is one script, so that no two of the
front, the workers and the clock can disagree about it.
"""

from __future__ import annotations

import json
import time
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from reference_impl.common.redis_pools import pool_of
from reference_impl.generic.settings import Settings

#: The most urgent first.
PRIORITIES = ("high", "normal", "low")
FINAL = ("finished", "failed", "cancelled")
_JOB, _EVENTS, _WAITING = "job:", "events:", "waiting:"
_DELAYED, _LEASES, _UNIQUE, _DEAD = "delayed", "leases", "unique:", "dead:"
_WELL = "well"


def now_ms() -> int:
    """The time that leases and delays are counted in."""
    return round(time.time() * 1000)


def redis_of(url: str, *, within_s: float) -> Redis:
    """A client whose questions are answered within so many seconds, or fail."""
    return Redis.from_pool(pool_of(url, decode_responses=True, socket_timeout=within_s))


class JobStore:
    """Jobs, as the front and the workers see them; every method may raise a RedisError."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self.redis = redis
        self._settings = settings
        self._scripts: dict[str, AsyncScript] = {}

    async def submit(self, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        """A job that waits, or does so later; its id, or that of the one that has its name."""
        priority = asked.get("priority") or "normal"
        delay_ms = round(1000 * float(asked.get("delay_s") or 0.0))
        name = self.unique_key(owner, asked)
        keys = [self.key(_JOB, job_id), self.key(_WAITING, priority), self.key(_DELAYED)]
        keys += [name] if name else []
        fields = ("owner", owner, "asked", json.dumps(asked), "priority", priority, "unique", name)
        due_ms = now_ms() + delay_ms if delay_ms else 0
        return str(await self._run("submit", keys, job_id, due_ms, self._settings.kept_s, *fields))

    def unique_key(self, owner: str, asked: dict[str, Any]) -> str:
        """Where the name is kept that no two jobs under way share; empty for a job without one."""
        return self.key(_UNIQUE, f"{owner}:{asked['unique']}") if asked.get("unique") else ""

    async def claim(self) -> tuple[str, int] | None:
        """The next job and which run of it this is; None where nothing waits."""
        keys = [self.key(_LEASES), *(self.key(_WAITING, priority) for priority in PRIORITIES)]
        told = await self._run("claim", keys, self.key(_JOB), self._lease_ms())
        return (told[0], int(told[1])) if told else None

    async def renew(self, job_id: str, attempt: int) -> str:
        """`held`, `cancelled`, or `lost` where the job is no longer this run's."""
        keys = [self.key(_JOB, job_id), self.key(_LEASES)]
        told = await self._run("renew", keys, job_id, attempt, self._lease_ms())
        return ("lost", "held", "cancelled")[int(told)]

    async def finish(
        self, job_id: str, attempt: int, state: str, *, result: str = "", reason: str = ""
    ) -> bool:
        """End the job; False where it is no longer this run's."""
        return await self._finish(job_id, attempt, state, result=result, reason=reason, due_ms=0)

    async def retry(self, job_id: str, attempt: int) -> bool:
        """Have it run again after a pause; False where it is no longer this run's."""
        due_ms = now_ms() + round(1000 * self._settings.pause_s)
        return await self._finish(job_id, attempt, "waiting", result="", reason="", due_ms=due_ms)

    async def cancel(self, job_id: str) -> bool:
        """Whether it will not run on; False when it had ended."""
        event = json.dumps({"type": "cancelled"})
        keys = [self.key(_JOB, job_id), self.key(_EVENTS, job_id)]
        return bool(await self._run("cancel", keys, event, self._settings.kept_s, job_id))

    async def dead_letters(self, owner: str) -> list[str]:
        """What has failed for good, the last one first."""
        told: Any = await self.redis.lrange(self.key(_DEAD, owner), 0, -1)
        return list(told)

    async def promote(self) -> None:
        """What is due waits from now on, and what a silent worker held waits again."""
        job, waiting, events = (self.key(name) for name in (_JOB, _WAITING, _EVENTS))
        words = (job, waiting, now_ms(), events, self._settings.kept_s)
        await self._run("promote", [self.key(_DELAYED), self.key(_LEASES)], *words)

    async def say_well(self) -> None:
        """A write that leaves nothing behind for long."""
        await self.redis.set(self.key(_WELL), "1", ex=60)

    async def tell(self, job_id: str, attempt: int, event: dict[str, Any]) -> bool:
        """One more event of a run; False, and nothing is told, where the job is no longer its."""
        keys = [self.key(_JOB, job_id), self.key(_EVENTS, job_id)]
        return bool(await self._run("tell", keys, attempt, json.dumps(event)))

    async def job(self, job_id: str) -> dict[str, str]:
        """Everything that is kept of a job but its events; empty for one that is not known."""
        told: Any = await self.redis.hgetall(self.key(_JOB, job_id))
        return dict(told)

    async def events_after(self, job_id: str, after: str, *, hold_ms: int) -> list[tuple[str, Any]]:
        """Positions and events behind a position; waits for some, unless `hold_ms` is 0."""
        key = self.key(_EVENTS, job_id)
        found: Any = await self.redis.xread({key: after}, count=500, block=hold_ms or None)
        pages = found.values() if isinstance(found, dict) else [rows for _, rows in found or ()]
        rows = [row for page in pages for row in page]
        if rows and isinstance(rows[0], list):
            rows = [row for part in rows for row in part]
        return [(position, json.loads(fields["event"])) for position, fields in rows]

    def key(self, kind: str, name: str = "") -> str:
        """The key of one thing, or the beginning of all such keys; two prefixes, two queues."""
        return f"{self._settings.prefix}{kind}{name}"

    def script(self, name: str) -> str:
        """The Lua text of one change."""
        return (files("reference_impl.generic") / "lua" / f"{name}.lua").read_text("utf-8")

    async def _finish(
        self, job_id: str, attempt: int, state: str, *, result: str, reason: str, due_ms: int
    ) -> bool:
        event = json.dumps({"type": state, "reason": reason})
        keys = [self.key(_JOB, job_id), self.key(_LEASES)]
        keys += [self.key(_EVENTS, job_id), self.key(_DELAYED)]
        kept_s = self._settings.kept_s
        words = (job_id, attempt, state, event, result, kept_s, due_ms, self.key(_DEAD))
        return bool(await self._run("finish", keys, *words))

    def _lease_ms(self) -> int:
        return now_ms() + round(1000 * self._settings.lease_s)

    async def _run(self, name: str, keys: list[str], *words: Any) -> Any:
        if name not in self._scripts:
            self._scripts[name] = self.redis.register_script(self.script(name))
        return await self._scripts[name](keys=keys, args=list(words))
