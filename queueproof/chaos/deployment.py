"""What one scenario is played on: a stack of its own, or the user's deployment, made ready."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import cast

from queueproof.chaos.contract_traits import traits_of
from queueproof.chaos.replicas import ReplicaFleet
from queueproof.chaos.scenario import Scenario
from queueproof.config.model import RunConfig
from queueproof.errors import Inconclusive, NotAssessed, TargetUnreachable
from queueproof.faults.catalogue import needs_of
from queueproof.history import History
from queueproof.processes.signalling import descendants
from queueproof.stack.chaos import ChaosStack, open_chaos_stack
from queueproof.stack.needs import StackNeeds
from queueproof.stack.servers import servers_of
from queueproof.targets.contracts import contract_named
from queueproof.targets.fleet import Fleet
from queueproof.targets.opening import make_adapter, remove_leftovers, tidy, told_left_behind
from queueproof.targets.redis_opening import acquaint
from queueproof.targets.system import System
from queueproof.targets.transports import declare_transport, told_of_transport
from queueproof.targets.witness import Witness
from queueproof.targets.worker_programs import WorkerProgram

_FLUSHING = ("flush", "redis_restart", "sentinel_failover")


@dataclass(frozen=True)
class Deployment:
    """A stack and the system that clients see on it."""

    stack: ChaosStack
    system: System

    @property
    def crew_indexes(self) -> tuple[int, ...]:
        """Which replicas are worker programs beside the front."""
        return tuple(replica.index for replica in self.stack.crew)


@asynccontextmanager
async def open_deployment(
    config: RunConfig,
    scenario: Scenario,
    *,
    history: History,
    witness: Witness,
    notes: list[str] | None = None,
    needs: StackNeeds | None = None,
) -> AsyncIterator[Deployment]:
    """Bring up what `scenario` needs; everything ends, and is healed, with the context.

    `needs` are wanted besides those of the scenario's faults.

    `notes` tell what earlier runs had left, disturbed or made, and what could not be removed.
    """
    notes = [] if notes is None else notes
    settings = {**traits_of(config.target.contract).settings, **scenario.settings}
    stack_opening = open_chaos_stack(
        config.target,
        embedded=config.embedded,
        servers=servers_of(config.stack, config.redis_binary),
        replicas=scenario.replicas,
        workers_each=scenario.workers_each,
        settings=settings,
        needs=needs_of(scenario.faults) | (needs or StackNeeds()),
    )
    if not config.embedded:
        # Replicas are asked whether they serve before anything else is.
        declare_transport(config.target)
        notes += told_of_transport(config.target)
    async with stack_opening as stack:
        notes += stack.leftovers
        target = stack.target
        if config.embedded:
            under = contract_named(target.contract).timings_under
            target = replace(target, timings=under(settings, target.timings))
        adapter = make_adapter(target, history, witness)
        fleet = ReplicaFleet(target.urls, worker_header=target.worker_header)
        system = System(
            adapter=adapter,
            fleet=cast(Fleet, fleet),
            timings=target.timings,
            history=history,
            witness=witness,
            redis=stack.view,
            crew=await _crew(stack),
        )
        system.declare(target)
        # What nobody hears proves nothing, and a job may wait for whom it does not reach.
        system.unheard = target.witness_through == "result"
        try:
            await _prepare(config, system, stack, notes)
            if _loses_keys(scenario):
                await _learn_keys(system)
            with _watched(stack, witness):
                yield Deployment(stack, system)
        finally:
            if not config.embedded:
                await tidy(adapter, target.urls)
                notes += told_left_behind(adapter)


async def _prepare(config: RunConfig, system: System, stack: ChaosStack, notes: list[str]) -> None:
    """Log in, and make what jobs need; on a deployment remove what earlier runs have left."""
    adapter, answer_s = system.adapter, system.timings.answer_s
    async with system.fleet.vantage() as vantage:
        try:
            await adapter.prepare(vantage, answer_s=answer_s)
        except TargetUnreachable:
            # What an earlier scenario has wedged for good is that one's finding alone.
            if config.embedded or not await stack.revive():
                raise
            await adapter.prepare(vantage, answer_s=answer_s)
        if not config.embedded:
            notes += await remove_leftovers(adapter, vantage)


def _loses_keys(scenario: Scenario) -> bool:
    return any(spec.get("fault") in _FLUSHING for spec in scenario.faults)


async def _learn_keys(system: System) -> None:
    """Know which keys are the target's before any is lost, by a job that no history tells of.

    Raises NotAssessed where the Redis that was given is not known to be the target's.
    """
    if system.redis is None or system.redis.ours:
        return
    apart = System(
        adapter=system.adapter,
        fleet=system.fleet,
        timings=system.timings,
        history=History(),
        witness=system.witness,
        redis=system.redis,
    )
    if reason := await acquaint(apart):
        raise NotAssessed(reason)


async def _crew(stack: ChaosStack) -> tuple[WorkerProgram, ...]:
    """The worker programs, with their processes where these are known."""
    for replica in stack.crew:
        with suppress(NotAssessed, Inconclusive):
            await replica.master_pid()
    return tuple(
        WorkerProgram(label=replica.label, pid=replica.known_pid, url=replica.url)
        for replica in stack.crew
    )


@contextmanager
def _watched(stack: ChaosStack, witness: Witness) -> Iterator[None]:
    """Have the witness see which worker does which job; a worker's process may change."""

    def processes(below: bool) -> dict[int, str]:
        now = [(replica.current_pid, replica.label) for replica in stack.crew]
        known = {pid: label for pid, label in now if pid is not None}
        if not below:
            return known
        return {child.pid: label for pid, label in known.items() for child in descendants(pid)}

    witness.watch(processes)
    try:
        yield
    finally:
        witness.forget(processes)
