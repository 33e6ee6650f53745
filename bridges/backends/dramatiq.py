"""Dramatiq (dramatiq.io) on Redis. Workers: `dramatiq bridges.backends.dramatiq`.

RETRIES, MIN_BACKOFF_S   "User Guide > Message Retries" (Dramatiq's own default is 20 retries)
TIME_LIMIT_S             "User Guide > Message Time Limits"
RESULT_TTL_S             "Cookbook > Results > Storing message results"
HEARTBEAT_TIMEOUT_S, MAINTENANCE_CHANCE   "API Reference > Brokers": RedisBroker
ASYNC                    "Cookbook > Asyncio Actors": the actor is a coroutine

No cancel: Dramatiq has none of its own ("Cookbook > Aborting > Aborting Messages"). Of a job it
keeps its result alone; until there is one the job counts as queued.
"""

from __future__ import annotations

from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import ResultFailure, ResultMissing, Results
from dramatiq.results.backends import RedisBackend

from bridges import settings
from bridges.jobs import Order, State, Unsupported
from bridges.work import do, do_async

RETRIES = settings.whole("RETRIES", 0)
MIN_BACKOFF_S = settings.number("MIN_BACKOFF_S", 15.0)
TIME_LIMIT_S = settings.number("TIME_LIMIT_S", 600.0)
RESULT_TTL_S = settings.number("RESULT_TTL_S", 600.0)
HEARTBEAT_TIMEOUT_S = settings.number("HEARTBEAT_TIMEOUT_S", 60.0)
MAINTENANCE_CHANCE = settings.whole("MAINTENANCE_CHANCE", 1000)
ASYNC = settings.flag("ASYNC")

broker = RedisBroker(
    url=settings.QUEUE_URL,
    heartbeat_timeout=int(HEARTBEAT_TIMEOUT_S * 1000),
    maintenance_chance=MAINTENANCE_CHANCE,
)
broker.add_middleware(Results(backend=RedisBackend(url=settings.QUEUE_URL)))
if ASYNC:
    from dramatiq.middleware.asyncio import AsyncIO

    broker.add_middleware(AsyncIO())
dramatiq.set_broker(broker)

_OPTIONS: dict[str, Any] = {
    "actor_name": "steps",
    "queue_name": "jobs",
    "max_retries": RETRIES,
    "min_backoff": int(MIN_BACKOFF_S * 1000),
    "time_limit": TIME_LIMIT_S * 1000,
    "store_results": True,
    "result_ttl": int(RESULT_TTL_S * 1000),
}
steps = dramatiq.actor(do_async if ASYNC else do, **_OPTIONS)


class DramatiqBackend:
    """A queue called `jobs`, results in the same Redis."""

    has = frozenset({"result", "delay", "retries"})

    def submit(self, order: Order, work: dict[str, Any]) -> str:
        """`Actor.send_with_options`."""
        options: dict[str, Any] = {}
        if order.retries:
            options["max_retries"] = order.retries
        delay = int(order.delay_s * 1000) or None
        return str(steps.send_with_options(args=(work,), delay=delay, **options).message_id)

    def state(self, job_id: str) -> State:
        """What `Message.get_result` says: a result, a failure, or that there is none yet."""
        try:
            self._message(job_id).get_result()
        except ResultMissing:
            return State.QUEUED
        except ResultFailure:
            return State.FAILED
        return State.FINISHED

    def result(self, job_id: str) -> Any:
        """`Message.get_result`."""
        try:
            return self._message(job_id).get_result()
        except (ResultMissing, ResultFailure):
            return None

    def cancel(self, job_id: str) -> bool:
        """None."""
        raise Unsupported("Dramatiq has no cancel of its own")

    def workers(self) -> list[dict[str, str]]:
        """None."""
        raise Unsupported("Dramatiq does not tell its workers")

    def _message(self, job_id: str) -> Any:
        return dramatiq.Message(
            queue_name="jobs",
            actor_name="steps",
            args=(),
            kwargs={},
            options={},
            message_id=job_id,
        )


backend = DramatiqBackend()
