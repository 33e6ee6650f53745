"""On which Redis server, at which database index, a job's keys are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from queueproof.errors import Inconclusive
from queueproof.expectations import expect_that
from queueproof.stack.redis_server import RedisServer
from queueproof.targets.job import Job
from queueproof.targets.redis_view import Key, RedisView
from queueproof.targets.system import System
from queueproof.waiting import eventually

Places = frozenset[tuple[str, int]]
T = TypeVar("T")


def redis_of(target: System) -> RedisView:
    """The view of the target's Redis, which a case of the access `redis` always has."""
    assert target.redis is not None
    return target.redis


async def keys_appear(job: Job, servers: Mapping[str, RedisServer]) -> Places:
    """Wait for keys of the job on any of the named servers: (name, index) of each place.

    Raises Inconclusive when there are none anywhere.
    """
    views = {name: RedisView(server.url(), ours=True) for name, server in servers.items()}

    async def look() -> Places:
        places = set()
        for name, view in views.items():
            places |= {(name, key.index) for key in await view.keys_of(job.id)}
        return frozenset(places)

    try:
        found, _ = await eventually(look, bool, within_s=job.system.timings.answer_s)
    finally:
        for view in views.values():
            await view.close()
    if not found:
        raise Inconclusive(f"no key of the job on {' or '.join(servers)}")
    return found


def expect_keys(job: Job, found: Places, *, server: str, index: int | None = None) -> None:
    """All of the job's keys are on one server, at one index where `index` is given."""
    strangers = sorted(
        place for place in found if place[0] != server or index not in (None, place[1])
    )
    where = server if index is None else f"{server}, index {index}"
    expect_that(
        not strangers,
        expected=f"the job's keys are on {where}",
        actual="keys on " + ", ".join(f"{name}, index {at}" for name, at in strangers),
        jobs=job,
    )


async def hashes_appear(job: Job, servers: Mapping[str, RedisServer]) -> frozenset[str]:
    """Wait for a hash that holds the job's data on any of the named servers: on which it is.

    Raises Inconclusive when there is none anywhere.
    """
    urls = {name: server.url() for name, server in servers.items()}
    found = await _hashes_at(job, urls)
    if not found:
        raise Inconclusive(f"no hash holds the job's data on {' or '.join(servers)}")
    return found


async def hash_indexes(job: Job, server: RedisServer, indexes: Iterable[int]) -> frozenset[int]:
    """Wait for a hash that holds the job's data at any of these indexes of a server: at which.

    Raises Inconclusive when there is none at any.
    """
    found = await _hashes_at(job, {index: server.url(index) for index in indexes})
    if not found:
        raise Inconclusive("no hash holds the job's data at any index that was looked at")
    return found


async def own_hash(job: Job) -> str:
    """The hash that holds the job's data while it runs; raises Inconclusive where there is none.

    Its name ends with the number that the queue has given the job.
    """
    within_s = job.system.timings.answer_s
    name, _ = await redis_of(job.system).hash_with(job.key, within_s=within_s)
    if not name.rpartition(":")[2]:
        raise Inconclusive("no hash holds the job's question while it runs")
    return name


async def keys_beside(job: Job, own: str) -> list[Key]:
    """Keys that bear the job's id, or the number in the name of its `own` hash, but for that."""
    redis, number = redis_of(job.system), own.rpartition(":")[2]
    named = [*await redis.keys_of(job.id), *await redis.keys_of(number)]
    return [
        key
        for key in named
        if key.name != own and (job.id in key.name or number in key.name.split(":"))
    ]


async def _hashes_at(job: Job, urls: Mapping[T, str]) -> frozenset[T]:
    views = {name: RedisView(url, ours=True) for name, url in urls.items()}

    async def look() -> frozenset[T]:
        found = [name for name, view in views.items() if (await view.hash_now(job.key))[0]]
        return frozenset(found)

    try:
        found, _ = await eventually(look, bool, within_s=job.system.timings.answer_s)
    finally:
        for view in views.values():
            await view.close()
    return found


def expect_hash(job: Job, found: frozenset[str], *, server: str) -> None:
    """The job's data are on one server only."""
    expect_that(
        found == {server},
        expected=f"the job's data are on {server}",
        actual="they are on " + ", ".join(sorted(found)),
        jobs=job,
    )
