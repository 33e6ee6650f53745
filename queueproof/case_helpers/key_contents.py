"""What a key of a job holds, whatever its type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from queueproof.targets.redis_view import RedisView


async def contents_of(redis: RedisView, index: int, name: str) -> str:
    """All that a key holds, as text; empty when it is gone."""
    client = redis.keyed(index)
    reads: dict[str, Callable[[], Awaitable[object]]] = {
        "string": lambda: client.get(name),
        "hash": lambda: client.hgetall(name),
        "set": lambda: client.smembers(name),
        "zset": lambda: client.zrange(name, 0, -1),
        "list": lambda: client.lrange(name, 0, -1),
        "stream": lambda: client.xrange(name),
    }
    read = reads.get(str(await client.type(name)))
    return "" if read is None else str(await read())
