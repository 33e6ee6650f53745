"""From a configuration to a System that is ready for cases: reached, logged in, workers found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from queueproof.config.model import TargetConfig
from queueproof.errors import CaseOutcome, QueueproofError, TargetUnreachable, UsageError
from queueproof.executors.workforce import Workforce, workforce_of
from queueproof.history import History
from queueproof.processes.process_view import ProcessView
from queueproof.reporting.model import LEFT_BEHIND
from queueproof.targets.answers import Kind
from queueproof.targets.asking import declare_pace
from queueproof.targets.contracts import contract_named, ready_path_of, workers_stand_apart
from queueproof.targets.fleet import Fleet
from queueproof.targets.protocol import Adapter, Reply
from queueproof.targets.reaching import NotConnected
from queueproof.targets.redis_opening import acquaint, greet
from queueproof.targets.redis_view import RedisView
from queueproof.targets.serving import serves
from queueproof.targets.system import System
from queueproof.targets.transports import declare_transport
from queueproof.targets.upkeep import upkeep_within
from queueproof.targets.vantage import Vantage
from queueproof.targets.ways import find_workers
from queueproof.targets.witness import Witness
from queueproof.targets.witness_relay import WitnessRelay
from queueproof.targets.worker_programs import WorkerProgram, worker_label, worker_programs_of

_TIDY_S = 10.0
_NO_MATTER = (QueueproofError, TimeoutError, OSError, LookupError, TypeError, AttributeError)


def make_adapter(
    config: TargetConfig,
    history: History,
    witness: Witness,
    *,
    reports: tuple[str, int] | None = None,
) -> Adapter:
    """The adapter of the configured contract; raises UsageError for one without adapter.

    `reports` is where jobs tell what they do, if not at the witness's own address. From then on its
    servers are sent no more requests than they take.
    """
    declare_transport(config)
    for url in config.urls:
        declare_pace(url, config.requests_per_s)
    make = contract_named(config.contract).adapter
    return make(config, witness=reports or witness.address, now_s=history.now_s)


@asynccontextmanager
async def open_system(
    config: TargetConfig,
    *,
    history: History,
    witness: Witness,
    notes: list[str] | None = None,
    launched: bool = False,
) -> AsyncIterator[System]:
    """Reach the target, prepare it, find its workers; tidy it afterwards.

    `launched` says that we started it, so that nothing stands in front of it.
    `notes` are of a target that goes on living: what earlier runs had left there is removed first,
    and they tell what was and what could not be removed.
    Raises TargetUnreachable or UsageError, in one line that says what to do.
    """
    # What was launched runs on this machine, and reaches the witness itself.
    ours = launched or config.redis_ours
    through_redis = config.witness_through == "redis" and not ours
    relay = WitnessRelay(witness, history, config.redis_url) if through_redis else None
    adapter = make_adapter(config, history, witness, reports=relay.address if relay else None)
    fleet = Fleet(
        config.urls,
        identifier=None,
        ping=adapter.ping,
        # With processes to be seen nobody is known by what an answer says.
        worker_header="" if config.process_root else config.worker_header,
        upkeep=upkeep_within(config.requests_per_s),
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
        # What we launched is ours by its processes.
        workforce=None if launched else _workforce(config),
        crew=worker_programs_of(config.worker_processes, config.worker_urls),
    )
    system.declare(config)
    system.unheard = system.told_by_results = config.witness_through == "result" and not ours
    try:
        if redis is not None and not redis.ours:
            await _meet_redis(system, redis, relay)
        if (
            system.workforce is not None
            and not config.worker_processes
            and workers_stand_apart(config)
        ):
            system.crew = await _programs_of_instances(system.workforce, config)
        await _where_one_serves(fleet, partial(_enter, system, config, notes, launched=launched))
        await _where_one_serves(
            fleet, partial(find_workers, fleet, config, adapter, direct=launched)
        )
        if system.redis is not None and not system.redis.ours:
            system.withhold_redis(await acquaint(system))
            if relay is not None and system.redis is None:
                # It may be another Redis: jobs are not sent there.
                system.unheard, witness.trouble = True, system.redis_reason
        yield system
    finally:
        await tidy(adapter, config.urls)
        if notes is not None:
            notes += told_left_behind(adapter)
        await _close(system, redis, relay)


async def _where_one_serves(fleet: Fleet, act: Callable[[], Awaitable[None]]) -> None:
    """Once more where a replica went away meanwhile and another one serves.

    Raises TargetUnreachable where the deployment refuses connections at every URL.
    """
    left = len(fleet.addresses.urls)
    while True:
        try:
            return await act()
        except NotConnected:
            left -= 1
            await fleet.look_at_urls()
            fleet.forget_idle()
            if left <= 0 or not fleet.addresses.any_left:
                raise


async def _enter(
    system: System, config: TargetConfig, notes: list[str] | None, *, launched: bool
) -> None:
    """Prepare the target through one connection, and see that every URL is the same deployment."""
    adapter, answer_s = system.adapter, config.timings.answer_s
    async with system.fleet.vantage() as vantage:
        await adapter.prepare(vantage, answer_s=answer_s)
        urls = () if launched else config.urls
        await expect_one_deployment(adapter, urls, answer_s=answer_s)
        if notes is not None:
            notes += await remove_leftovers(adapter, vantage)


async def _meet_redis(system: System, redis: RedisView, relay: WitnessRelay | None) -> None:
    """Reach Redis, and hear there what jobs report; raises UsageError where it cannot be used."""
    if relay is None or redis.cluster is None:
        system.withhold_redis(await greet(redis))
    if relay is None:
        return
    if redis.cluster is not None:
        raise UsageError(
            'witness_through = "redis": Redis is a Cluster, where what a job adds and what it '
            "waits for may be at different servers"
        )
    if system.redis is None:
        raise UsageError(f'witness_through = "redis": {system.redis_reason}')
    await relay.start()


async def _close(system: System, redis: RedisView | None, relay: WitnessRelay | None) -> None:
    """Let go of every connection."""
    if relay is not None:
        await relay.stop()
    await system.fleet.close()
    if system.workforce is not None:
        await system.workforce.close()
    if redis is not None:
        await redis.close()


def _workforce(config: TargetConfig) -> Workforce | None:
    return workforce_of(config, ready_path=ready_path_of(config), serves=serves)


async def _programs_of_instances(
    workforce: Workforce, config: TargetConfig
) -> tuple[WorkerProgram, ...]:
    """The worker programs that an executor lists; none where it lists nothing."""
    health = {}
    with suppress(CaseOutcome):
        for url in config.worker_urls:
            health[(await workforce.at(url)).name] = url
    try:
        instances = await workforce.apart_from(config.urls)
    except CaseOutcome:
        return worker_programs_of((), config.worker_urls)
    return tuple(
        WorkerProgram(label=worker_label(number), url=health.get(one.name, ""), instance=one.name)
        for number, one in enumerate(instances)
    )


async def expect_one_deployment(adapter: Adapter, urls: Sequence[str], *, answer_s: float) -> None:
    """Raises TargetUnreachable where one of several URLs leads to something else.

    Every case would be led there in its turn, and accuse it of not being the target. One that
    refuses connections, or does not answer, may still come back. What all of them answer to a
    ping is what this target answers, be it a refusal.
    """
    first: tuple[str, Reply] | None = None
    for url in urls if len(urls) > 1 else ():
        vantage = Vantage(url)
        try:
            if (reply := await _telling_ping(adapter, vantage)) is None:
                continue
            first = first or (url, reply)
            why = await _why_no_replica(adapter, vantage, answer_s)
            if reply.kind is not first[1].kind:
                why = why or f"{url} answers {reply.words}, and {first[0]} {first[1].words}"
            if why:
                raise TargetUnreachable(f"{why}: does every URL lead to one deployment?")
        finally:
            await vantage.close()


async def _telling_ping(adapter: Adapter, vantage: Vantage) -> Reply | None:
    """The answer to a ping; None for silence, an error, and what asks to come again."""
    try:
        reply = await adapter.ping(vantage)
    except TargetUnreachable:
        return None
    untold = (Kind.UNANSWERED, Kind.COME_AGAIN, Kind.SERVER_ERROR)
    return None if reply.kind in untold else reply


async def _why_no_replica(adapter: Adapter, vantage: Vantage, answer_s: float) -> str:
    """What shows that this is another deployment; empty where nothing does."""
    recognise = getattr(adapter, "recognise_replica", None)
    try:
        if recognise is not None:
            await recognise(vantage, within_s=answer_s)
    except NotConnected:
        return ""
    except TargetUnreachable as error:
        return str(error)
    return ""


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
    """A note on each thing that could not be removed, or that others have removed."""
    # An adapter of somebody else's may have none to make.
    remarks = getattr(adapter, "remarks", ())
    return [*remarks, *(f"{LEFT_BEHIND}{each}" for each in adapter.left_behind)]
