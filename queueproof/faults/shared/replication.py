"""A replica that has all that its master has."""

from __future__ import annotations

from redis.asyncio import Redis

from queueproof.waiting import eventually

_CATCH_UP_S = 3.0


async def catch_up(replica: Redis, master: Redis) -> bool:
    """Wait until the replica has everything; whether it came to that. The master takes no writes
    meanwhile, by the caller's doing.
    """

    async def behind() -> int:
        there = int((await master.info("replication"))["master_repl_offset"])
        here = int((await replica.info("replication"))["master_repl_offset"])
        return there - here

    _, caught_up = await eventually(behind, lambda gap: gap <= 0, within_s=_CATCH_UP_S)
    return caught_up
