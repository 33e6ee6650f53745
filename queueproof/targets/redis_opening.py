"""A look at the Redis that was given, before anything in it counts as evidence.

It must answer, and a scratch job's id must show up in the name of a key: else it is not the
target's Redis, or not the index its queue is at. What the job's keys are called is learned by the
way, so that later looks need not go through everybody's keys.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from redis.exceptions import RedisError

from queueproof.config.redis_url import address_of_redis
from queueproof.config.sentinel_url import names_sentinels
from queueproof.errors import CaseOutcome, NotAssessed, UsageError
from queueproof.probe import Probe
from queueproof.reporting.text import shown_in_line
from queueproof.targets.cluster_opening import why_no_cluster
from queueproof.targets.job import Job
from queueproof.targets.key_patterns import KeyPatterns
from queueproof.targets.reading import read_stream
from queueproof.targets.redis_budget import LEARNING_COMMANDS, LEARNING_MS, SCAN, SMALL
from queueproof.targets.redis_complaints import why_no_redis
from queueproof.targets.redis_errors import is_forbidden, outcome_of
from queueproof.targets.redis_view import RedisView
from queueproof.targets.sentinel_opening import why_no_master
from queueproof.targets.system import System

_SCRATCH = Probe(ticks=60, interval_s=0.05)
#: Hashes that came into being beside the scratch job, in which its data are looked for.
_NEW_HASHES = 50
#: After so many SCANs it is known about how long all would take.
_TIMED = 50
_LONGEST = 100


async def greet(view: RedisView) -> str:
    """Reach Redis with the login and the index that were given.

    Returns why this Redis cannot be evidence, or nothing. Raises UsageError, in one line that never
    contains the URL, when nobody is there, when it is no Redis server or a replica, when it refuses
    the login, or has no such index.
    """
    if view.cluster is not None:
        return await why_no_cluster(view.cluster)
    if names_sentinels(view.url) and (reason := await why_no_master(view.url)):
        raise UsageError(reason)
    client = view.client(view.home)
    try:
        await client.ping()
        facts = await client.info("server") | await client.info("replication")
    except (RedisError, OSError, ValueError) as error:
        if is_forbidden(error):
            return ""  # It answers, to a user whom it knows.
        raise UsageError(why_no_redis(view.url, error)) from None
    # Valkey has a word of its own for it.
    mode = facts.get("redis_mode") or facts.get("server_mode")
    if mode == "sentinel":
        raise UsageError(
            f"Redis at {_address(view)} is a Sentinel: write redis+sentinel://{_address(view)}"
            f"/SERVICE/{view.home}, where SERVICE is what it calls the master"
        )
    if mode == "cluster":
        return await why_no_cluster(view.as_cluster())
    if facts.get("role") == "slave":
        raise UsageError(
            f"Redis at {_address(view)} is a replica: subscriptions, connections and the last "
            f"writes are not there; give its master's address, which it calls "
            f"{shown_in_line(str(facts.get('master_host')), limit=_LONGEST)}:"
            f"{shown_in_line(str(facts.get('master_port')), limit=_LONGEST)}"
        )
    return ""


async def acquaint(system: System) -> str:
    """Learn how the target names its keys.

    Returns why this Redis cannot be evidence, or nothing. Raises UsageError when the scratch job's
    keys are at another index than the URL says.
    """
    assert system.redis is not None
    try:
        return await _learn(system, system.redis)
    except RedisError as error:
        return str(outcome_of(error))
    except CaseOutcome as reason:
        return str(reason)


async def _learn(system: System, view: RedisView) -> str:
    numbered = "predict" in system.adapter.operations
    before = {name async for name in _through(view, kind="HASH")} if numbered else set()
    job, reply = await system.try_submit(_SCRATCH)
    if job is None:
        return f"the scratch job that shows how keys are named was not taken: {reply.words}"
    named, hashes = set[str](), set[str]()
    for ended in (False, True):
        await (_end(job) if ended else _begin(job))
        async for name in _through(view):
            if job.id in name:
                named.add(name)
            elif numbered and name not in before and len(hashes) < _NEW_HASHES:
                hashes.add(name)
    data = [name for name in sorted(hashes) if await _holds(view, name, job.key)]
    view.patterns |= KeyPatterns.of_job(job.id, named, data)
    return "" if named or data else await _not_here(view, job)


async def _begin(job: Job) -> None:
    """Let it make what keys it makes while it runs and is polled."""
    if "poll" in job.system.adapter.operations:
        await job.system.poll(job, via=job.owner)


async def _end(job: Job) -> None:
    """Cancel it, through another worker where there is one: that leaves keys of its own."""
    others = job.system.others(job.owner)
    await job.system.cancel(job, via=others[0] if others else None)
    if "poll" not in job.system.adapter.operations:
        await read_stream(job)


async def _through(view: RedisView, *, kind: str = "") -> AsyncIterator[str]:
    """Every name at the queue's index, once.

    Raises NotAssessed when there are more keys than may be gone through, with what it would cost.
    """
    index = view.home
    keys = await view.size(index)
    began, seen = time.monotonic(), view.budget.commands
    async for name in view.names(index, kind=kind):
        commands = view.budget.commands - seen
        took_ms = (time.monotonic() - began) * 1000.0
        if commands >= _TIMED and (keys > LEARNING_COMMANDS * SCAN or took_ms > LEARNING_MS):
            would_s = took_ms / commands * keys / SCAN / 1000.0
            raise NotAssessed(
                f"Redis holds {keys:,} keys at index {index}: one look through them would take "
                f"{keys // SCAN + 1:,} commands and {would_s:.0f} s"
            )
        yield name


async def _holds(view: RedisView, name: str, text: str) -> bool:
    """Whether a key that came into being beside the scratch job is a hash with its data."""
    with view.budget.spent():
        kind = await view.keyed(view.home).type(name)
    return kind == "hash" and any(text in value for value in (await view.fields(name)).values())


async def _not_here(view: RedisView, job: Job) -> str:
    """Where the scratch job's keys are instead.

    Raises UsageError when that is another index of the same server.
    """
    others = {index for index, keys in (await view.sizes()).items() if keys <= SMALL} - {view.home}
    for index in sorted(others):
        if [name async for name in view.names(index, f"*{job.id}*")]:
            raise UsageError(
                f"the Redis URL leads to index {view.home}, but the target's keys are at "
                f"index {index}: correct the URL, or the target's setting"
            )
    return (
        f"no key at index {view.home} of the Redis at {_address(view)} bears a scratch job's id: "
        "it is not the target's Redis, or not the index of its queue"
    )


def _address(view: RedisView) -> str:
    return address_of_redis(view.url)
