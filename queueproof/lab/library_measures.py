"""What a queue library costs behind its bridge: throughput, latency, memory, Redis commands a job.

Theory: so many clients submit a job each, wait until a worker has told the witness that it is done,
and submit the next. So as many jobs are in flight as there are clients, and no state is asked for:
what is counted on the library's Redis is the library's own. Figures of one machine compare rows
with each other, nothing else.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from statistics import mean, quantiles
from typing import Any

import httpx
import psutil

from queueproof.errors import Inconclusive
from queueproof.history import History
from queueproof.lab import booting
from queueproof.lab.recipe import Choice
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.contracts import contract_named
from queueproof.targets.reaching import lost_words
from queueproof.targets.redis_view import RedisView
from queueproof.targets.witness import Sighting, Witness

#: How many jobs are in flight, and for how long each is measured; before it, jobs nobody counts.
IN_FLIGHT = (1, 8, 64)
_EACH_S, _WARM_UP_S, _IDLE_S = 8.0, 2.0, 2.0
_JOB_WITHIN_S = 30.0
_MB = 1e6


class DoneWitness(Witness):
    """A witness that wakes whoever waits for a job's first tick."""

    def __init__(self) -> None:
        super().__init__(History())
        self._done: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def saw(self, key: str, sighting: Sighting) -> None:  # noqa: ARG002  (the witness's)
        """A tick was done."""
        self._done[key].set()

    async def done(self, key: str) -> None:
        """Wait for the job's first tick."""
        await self._done[key].wait()
        del self._done[key]


async def measure(choice: Choice, *, in_flight: Sequence[int] = IN_FLIGHT) -> dict[str, Any]:
    """Start the system with its recipe's workers, two at most, and measure it.

    Raises Inconclusive where a job is not done within half a minute, the bridge does not answer, or
    there is no worker program to measure.
    """
    target = booting.target_of(choice, workers=min(2, choice.recipe.workers))
    assert target.launch is not None
    redis, witness = RedisServer(find_redis_binary()), DoneWitness()
    launcher = Launcher(target.launch, ready_path=contract_named(target.contract).ready_path)
    load_before = round(os.getloadavg()[0], 1)
    await redis.start()
    await witness.start()
    try:
        boot = await booting.start(launcher, redis, {}, crew=target.workers or 1)
        try:
            measured = await _measured(boot, redis, witness, in_flight)
        finally:
            await launcher.stop(boot)
    finally:
        await witness.stop()
        await redis.close()
    return {**measured, "load_before": load_before, "workers": target.workers}


async def _measured(
    boot: Boot, redis: RedisServer, witness: DoneWitness, in_flight: Sequence[int]
) -> dict[str, Any]:
    view = RedisView(redis.url(0), ours=True)
    async with httpx.AsyncClient(base_url=boot.url, timeout=_JOB_WITHIN_S) as client:
        await latencies_s(client, witness, in_flight=2, for_s=_WARM_UP_S)
        idle_a_s = await _commands_a_second_idle(view)
        rows, jobs, commands, began = [], 0, await _commands(view), time.monotonic()
        for number in in_flight:
            took_s = await latencies_s(client, witness, in_flight=number, for_s=_EACH_S)
            rows.append(row_of(number, took_s, _EACH_S))
            jobs += len(took_s)
        commands = await _commands(view) - commands - idle_a_s * (time.monotonic() - began)
        memory = mean_memory_mb([member.child.pid for member in boot.crew])
    await view.close()
    return {
        "in_flight": rows,
        "worker_mb": round(memory, 1),
        "commands_a_job": round(max(0.0, commands) / jobs, 1),
    }


def row_of(in_flight: int, took_s: Sequence[float], for_s: float) -> dict[str, Any]:
    """Throughput a second, and the median and the 99th percentile of submit to done, in seconds."""
    cuts = quantiles(took_s, n=100) if len(took_s) > 1 else [took_s[0]] * 99
    return {
        "in_flight": in_flight,
        "jobs": len(took_s),
        "per_s": round(len(took_s) / for_s, 1),
        "p50_s": round(cuts[49], 4),
        "p99_s": round(cuts[98], 4),
    }


async def latencies_s(
    client: httpx.AsyncClient, witness: DoneWitness, *, in_flight: int, for_s: float
) -> list[float]:
    """The seconds from submit to done of every job that was done in time."""
    until_s = time.monotonic() + for_s
    took_s: list[float] = []

    async def one_after_another() -> None:
        while time.monotonic() < until_s:
            began_s = time.monotonic()
            await _one(client, witness)
            if time.monotonic() <= until_s:
                took_s.append(time.monotonic() - began_s)

    await asyncio.gather(*(one_after_another() for _ in range(in_flight)))
    if not took_s:
        raise Inconclusive(f"no job was done within {for_s:g} s")
    return took_s


async def _one(client: httpx.AsyncClient, witness: DoneWitness) -> None:
    key = uuid.uuid4().hex
    host, port = witness.address
    body = {"kind": "steps", "steps": 1, "witness": f"http://{host}:{port}/{key}"}
    try:
        answer = await client.post("/jobs", json=body)
    except httpx.HTTPError as error:
        raise Inconclusive(f"a submit got no answer: {lost_words(error)}") from None
    if answer.status_code != httpx.codes.ACCEPTED:
        raise Inconclusive(f"a submit got {answer.status_code}: {answer.text[:200]}")
    try:
        async with asyncio.timeout(_JOB_WITHIN_S):
            await witness.done(key)
    except TimeoutError:
        raise Inconclusive(f"a job was not done within {_JOB_WITHIN_S:g} s") from None


async def _commands_a_second_idle(view: RedisView) -> float:
    before = await _commands(view)
    await asyncio.sleep(_IDLE_S)
    return (await _commands(view) - before) / _IDLE_S


async def _commands(view: RedisView) -> float:
    """How many commands Redis has processed, but for those that ask it so."""
    return float((await view.client().info("stats"))["total_commands_processed"])


def mean_memory_mb(pids: Sequence[int]) -> float:
    """What a worker program holds of memory; raises Inconclusive where none lives."""
    if not pids:
        raise Inconclusive("there is no worker program whose memory could be measured")
    return mean(map(_memory_mb, pids))


def _memory_mb(pid: int) -> float:
    """What a program and all below it hold of memory; pages that they share count once."""
    try:
        program = psutil.Process(pid)
        family = [program, *program.children(recursive=True)]
    except psutil.NoSuchProcess:
        raise Inconclusive(f"a worker program (pid {pid}) has ended") from None
    return sum(_share(process) for process in family) / _MB


def _share(process: psutil.Process) -> float:
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return float(getattr(info, "pss", info.uss))
