"""Finding a deployment's workers by the ways that its description gives, until one of them holds.

Best first: the process that holds a connection's other end (what a header says is no process id
of this machine, and signals go by processes), a header that names the worker (and not a pod of
several), the monitor's counters, one URL a worker. A way that does not work here, such as
`process_root` of a target behind a published port, gives place to the next, and the report says
why. Where a front balances requests, none can work: no connection leads to one worker.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from queueproof.config.model import TargetConfig
from queueproof.errors import Inconclusive
from queueproof.history import EventKind
from queueproof.probe import Probe
from queueproof.targets.answers import Kind
from queueproof.targets.contracts import contract_named, workers_stand_apart
from queueproof.targets.fleet import Fleet
from queueproof.targets.identify import ByHeader, ByMonitor, ByProcess, ByUrl, Identifier
from queueproof.targets.pinning import (
    Counters,
    CounterWatch,
    NameShared,
    RequestsBalanced,
    expect_name_of_one,
    expect_one_giver,
)
from queueproof.targets.protocol import Adapter, Role
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

_SCRATCH = Probe(ticks=200, interval_s=0.05)
_WITHIN_S = 20.0
_AT_WORK_WITHIN_S, _PAUSE_S = 5.0, 0.1
_ALL_UP_WITHIN_S = 8.0
_LOOK_AGAIN_S = 0.5
_ASKED, _COMPARED = 6, 2

NO_WAY = "give a superuser's token, a worker header, or one URL a worker"
#: No way was asked for and none is missing: how those are known is said where they are declared.
BESIDE_A_SERVER = "the address leads to a server, and the workers are programs beside it"


async def find_workers(
    fleet: Fleet, config: TargetConfig, adapter: Adapter, *, direct: bool = False
) -> None:
    """Sort connections into workers; without a way to tell them apart, go on without.

    What was tried in vain is in `fleet.tried`, the reason to go on without in
    `fleet.unsorted_because`. A target that we launched is reached `direct`ly: nothing in front can
    hand requests to others.
    """
    for identifier in _ways(config, adapter, direct=direct):
        fleet.sort_by(identifier)
        try:
            await _discover(fleet, config)
            if not direct:
                await _expect_pinned(fleet, adapter)
            if isinstance(identifier, ByMonitor) and fleet.one_worker_a_url and _several(config):
                await _by_url_from_now_on(fleet, config, identifier)
        except RequestsBalanced as front:
            await fleet.stop_sorting(str(front))
            return
        except Inconclusive as trouble:
            fleet.tried.append((identifier.name, str(trouble)))
        else:
            return
    told = "; ".join(f"{name}: {why}" for name, why in fleet.tried)
    if not told and workers_stand_apart(config):
        await fleet.stop_sorting(BESIDE_A_SERVER)
        return
    reason = "the workers could not be told apart"
    await fleet.stop_sorting(f"{reason}, {told}" if told else f"{reason}: {NO_WAY}")


def _ways(config: TargetConfig, adapter: Adapter, *, direct: bool) -> Iterator[Identifier]:
    monitor = "monitor" in adapter.operations and adapter.has(Role.ADMIN)
    if config.process_root:
        yield ByProcess(config.process_root, hint_header=config.worker_header if direct else "")
    if config.worker_header:
        yield ByHeader(config.worker_header)
    if monitor:
        yield ByMonitor(_reader(adapter), scratch_jobs(adapter))
    if _several(config):
        yield ByUrl()


def _several(config: TargetConfig) -> bool:
    return len(config.urls) > 1


async def _discover(fleet: Fleet, config: TargetConfig) -> None:
    """A target serves as soon as one worker does; others may come up a little later."""
    wanted = _declared(config)
    looks = 0

    async def found() -> int:
        nonlocal looks
        looks += 1
        await fleet.discover(expected=wanted, tries=1)
        return len(fleet.workers)

    await fleet.discover(expected=wanted)
    if wanted is not None and len(fleet.workers) < wanted:
        within_s = max(_ALL_UP_WITHIN_S, config.launch.boot_s / 2 if config.launch else 0.0)
        # Where requests are spaced nearly all the time is waiting, which no deadline counts.
        most = within_s / _LOOK_AGAIN_S
        await eventually(found, lambda number: number >= wanted or looks >= most, within_s=within_s)


def _declared(config: TargetConfig) -> int | None:
    """How many workers the address leads to.

    Where these are programs of their own, a contract may know what stands in front of them: one
    server. Of any other queue it is not known, and said nowhere.
    """
    if contract_named(config.contract).workers_apart:
        return 1
    return None if workers_stand_apart(config) else config.workers


async def _expect_pinned(fleet: Fleet, adapter: Adapter) -> None:
    """Ask some connections several times; raises RequestsBalanced (see `pinning.py`)."""
    asked: Sequence[Vantage] = fleet.some(_ASKED)
    monitor = "monitor" in adapter.operations and adapter.has(Role.ADMIN)
    if isinstance(fleet.identifier, ByHeader):
        await expect_one_giver(asked, adapter.ping)
        if monitor:
            await _expect_name_of_one(fleet, adapter)
    elif monitor:
        try:
            await _watch_of(fleet.identifier, adapter).expect_one_worker(asked)
        except RequestsBalanced:
            raise
        except Inconclusive:
            return  # a monitor that does not answer proves nothing of a front


async def _expect_name_of_one(fleet: Fleet, adapter: Adapter) -> None:
    """Compare connections that the header calls by one name; raises NameShared."""
    alike = await fleet.some_of_one(_ASKED)
    if len(alike) < _COMPARED:
        return
    try:
        await expect_name_of_one(alike, _reader(adapter), scratch_jobs(adapter))
    except NameShared:
        raise
    except Inconclusive:
        return  # a monitor that does not answer, or a job that is refused, proves nothing


def _watch_of(identifier: Identifier | None, adapter: Adapter) -> CounterWatch:
    """Where counters sorted the connections, what they were then is compared too."""
    return identifier.watch if isinstance(identifier, ByMonitor) else CounterWatch(_reader(adapter))


async def _by_url_from_now_on(fleet: Fleet, config: TargetConfig, by_monitor: ByMonitor) -> None:
    """The counters have shown that each URL is one worker: then a URL tells without a job."""
    by_url = ByUrl()
    by_url.scratch_jobs = by_monitor.scratch_jobs
    fleet.sort_by(by_url)
    await _discover(fleet, config)


def _reader(adapter: Adapter) -> Callable[[Vantage], Awaitable[Counters]]:
    async def read(vantage: Vantage) -> Counters:
        reply = await adapter.monitor(vantage, role=Role.ADMIN, within_s=_WITHIN_S)
        if reply.status != 200:
            raise Inconclusive(f"the monitor answered {reply.words}")
        return reply.counters

    return read


def scratch_jobs(adapter: Adapter) -> Callable[[Vantage], AbstractAsyncContextManager[None]]:
    """Jobs that run on the target for as long as a context lasts; raises Inconclusive."""

    @asynccontextmanager
    async def scratch_job(vantage: Vantage) -> AsyncIterator[None]:
        reply = await adapter.submit(vantage, _SCRATCH, key="", role=Role.USER, within_s=_WITHIN_S)
        if reply.job_id is None:
            raise Inconclusive(f"no scratch job could be submitted: {reply.words}")
        try:
            await _until_at_work(adapter, vantage, reply.job_id)
            yield
        finally:
            await adapter.cancel(vantage, reply.job_id, role=Role.USER, within_s=_WITHIN_S)

    return scratch_job


async def _until_at_work(adapter: Adapter, vantage: Vantage, job_id: str) -> None:
    """Wait until a scratch job has done something, or long enough for one that never will.

    What is cancelled in its very start has been seen to lock a database for all builds that follow
    (CANC-022): nothing of ours may do so where nobody asked for it.
    """
    deadline = time.monotonic() + _AT_WORK_WITHIN_S
    while time.monotonic() < deadline:
        reply = await adapter.poll(vantage, job_id, role=Role.USER, within_s=_WITHIN_S)
        at_work = any(event.kind is EventKind.TICK for event in reply.events)
        if at_work or reply.kind is not Kind.SUCCESS:
            return
        await asyncio.sleep(_PAUSE_S)
