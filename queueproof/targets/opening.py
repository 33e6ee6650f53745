"""From a configuration to a System that is ready for cases: reached, logged in, workers found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from queueproof.config.model import TargetConfig
from queueproof.errors import Inconclusive, QueueproofError
from queueproof.history import History
from queueproof.probe import Probe
from queueproof.reporting.model import LEFT_BEHIND
from queueproof.stack.processes import ProcessView
from queueproof.targets.contracts import contract_named
from queueproof.targets.crew import crew_of
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import (
    ByHeader,
    ByMonitor,
    ByProcess,
    ByUrl,
    Counters,
    Identifier,
)
from queueproof.targets.protocol import Adapter, Role
from queueproof.targets.redis_opening import acquaint, greet
from queueproof.targets.redis_view import RedisView
from queueproof.targets.system import System
from queueproof.targets.vantage import Vantage
from queueproof.targets.witness import Witness
from queueproof.waiting import eventually

_SCRATCH = Probe(ticks=200, interval_s=0.05)
_WITHIN_S = 20.0
_ALL_UP_WITHIN_S = 8.0
_TIDY_S = 10.0
_NO_MATTER = (QueueproofError, TimeoutError, OSError, LookupError, TypeError, AttributeError)


def make_adapter(config: TargetConfig, history: History, witness: Witness) -> Adapter:
    """The adapter of the configured contract; raises UsageError for one without adapter."""
    make = contract_named(config.contract).adapter
    return make(config, witness=witness.address, now_s=history.now_s)


@asynccontextmanager
async def open_system(
    config: TargetConfig, *, history: History, witness: Witness, notes: list[str] | None = None
) -> AsyncIterator[System]:
    """Reach the target, prepare it, find its workers; tidy it afterwards.

    `notes` are of a target that goes on living: what earlier runs had left there is removed first,
    and they tell what was and what could not be removed.
    Raises TargetUnreachable or UsageError, in one line that says what to do.
    """
    adapter = make_adapter(config, history, witness)
    fleet = Fleet(
        config.urls,
        identifier=None,
        ping=adapter.ping,
        # With processes to be seen nobody is known by what an answer says.
        worker_header="" if config.process_root else config.worker_header,
    )
    redis = RedisView(config.redis_url, ours=config.redis_ours) if config.redis_url else None
    system = System(
        adapter=adapter,
        fleet=fleet,
        timings=config.timings,
        history=history,
        witness=witness,
        redis=redis,
        processes=ProcessView(config.process_root) if config.process_root else None,
        crew=crew_of(config.worker_processes, config.worker_urls),
    )
    try:
        if redis is not None and not redis.ours:
            await greet(redis)
        async with fleet.vantage() as vantage:
            await adapter.prepare(vantage, answer_s=config.timings.answer_s)
            if notes is not None:
                notes += await remove_leftovers(adapter, vantage)
        fleet.identifier = _identifier(config, adapter)
        await _find_workers(fleet, config)
        if redis is not None and not redis.ours:
            system.withhold_redis(await acquaint(system))
        yield system
    finally:
        await tidy(adapter, config.urls)
        if notes is not None:
            notes += told_left_behind(adapter)
        await fleet.close()
        if redis is not None:
            await redis.close()


async def _find_workers(fleet: Fleet, config: TargetConfig) -> None:
    """Sort connections into workers; without a way to tell them apart, go on without.

    A target serves as soon as one worker does; the others it declares may come up a little later.
    """
    wanted = 1 if contract_named(config.contract).workers_apart else config.workers

    async def found() -> int:
        await fleet.discover(expected=wanted, tries=1)
        return len(fleet.workers)

    try:
        await fleet.discover(expected=wanted)
        if wanted is not None and fleet.identifier is not None and len(fleet.workers) < wanted:
            within_s = max(_ALL_UP_WITHIN_S, config.launch.boot_s / 2 if config.launch else 0.0)
            await eventually(found, lambda number: number >= wanted, within_s=within_s)
    except Inconclusive:
        await fleet.stop_sorting()


def _identifier(config: TargetConfig, adapter: Adapter) -> Identifier | None:
    if config.process_root:
        # What a header says is no process id of this machine, and signals go by processes.
        return ByProcess(config.process_root)
    if config.worker_header:
        return ByHeader(config.worker_header)
    if len(config.urls) > 1:
        return ByUrl()
    if "monitor" in adapter.operations and adapter.has(Role.ADMIN):
        return _by_monitor(adapter)
    return None


def _by_monitor(adapter: Adapter) -> ByMonitor:
    async def read(vantage: Vantage) -> Counters:
        reply = await adapter.monitor(vantage, role=Role.ADMIN, within_s=_WITHIN_S)
        if reply.status != 200:
            raise Inconclusive(f"the monitor answered {reply.words}")
        return reply.counters

    @asynccontextmanager
    async def scratch_job(vantage: Vantage) -> AsyncIterator[None]:
        reply = await adapter.submit(vantage, _SCRATCH, key="", role=Role.USER, within_s=_WITHIN_S)
        if reply.job_id is None:
            raise Inconclusive(f"no scratch job could be submitted: {reply.words}")
        try:
            yield
        finally:
            await adapter.cancel(vantage, reply.job_id, role=Role.USER, within_s=_WITHIN_S)

    return ByMonitor(read, scratch_job)


async def remove_leftovers(adapter: Adapter, vantage: Vantage) -> list[str]:
    """Remove what runs that are gone have left on the target; a note on each."""
    with suppress(*_NO_MATTER):
        async with asyncio.timeout(_TIDY_S):
            names = await adapter.remove_leftovers(vantage)
            return [f"removed what an earlier run had left: {name}" for name in names]
    return []


async def tidy(adapter: Adapter, urls: Sequence[str]) -> None:
    """Leave nothing behind, as far as the target answers at any of its URLs.

    On connections of its own: the run's may be broken, or on a worker that is gone.
    """
    for url in [*urls, *urls[:1]]:
        vantage = Vantage(url)
        try:
            with suppress(*_NO_MATTER):
                async with asyncio.timeout(_TIDY_S):
                    await adapter.tidy(vantage)
        finally:
            await vantage.close()
        if not adapter.left_behind:
            return


def told_left_behind(adapter: Adapter) -> list[str]:
    """A note on each thing that could not be removed."""
    return [f"{LEFT_BEHIND}{each}" for each in adapter.left_behind]
