"""What runs that were killed have left disturbed on a target, undone before it is judged.

Judged with another run's fault in it, a target would be accused of what nobody has done to it now.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from redis.exceptions import RedisError

from queueproof.config.cluster_url import names_cluster
from queueproof.config.model import TargetConfig
from queueproof.config.redis_url import address_of_redis
from queueproof.errors import QueueproofError
from queueproof.executors.workforce import Workforce, workforce_of
from queueproof.stack.journal import heal_leftovers, left_at
from queueproof.targets.contracts import ready_path_of
from queueproof.targets.redis_view import RedisView
from queueproof.targets.serving import serves

_WITHIN_S = 60.0


async def heal_old_faults(target: TargetConfig) -> list[str]:
    """Undo what is within reach, and tell it; only tell what a disposable target alone is sent."""
    notes: list[str] = []
    with suppress(QueueproofError, RedisError, OSError, TimeoutError):
        async with asyncio.timeout(_WITHIN_S):
            notes += await _heal(target)
        if target.redis_url and left_at(address := address_of_redis(target.redis_url)):
            notes.append(
                f"Redis at {address} may still be as a run that was killed has left it: a run with "
                "--disposable restores it"
            )
    return notes


async def _heal(target: TargetConfig) -> tuple[str, ...]:
    if not target.disposable:
        return await heal_leftovers()
    redis = None
    if target.redis_url and not names_cluster(target.redis_url):
        redis = RedisView(target.redis_url)
    workforce = _workforce(target)
    try:
        return await heal_leftovers(redis=redis, thaw=workforce.thaw_called if workforce else None)
    finally:
        if redis is not None:
            await redis.close()
        if workforce is not None:
            await workforce.close()


def _workforce(target: TargetConfig) -> Workforce | None:
    return workforce_of(target, ready_path=ready_path_of(target), serves=serves)
