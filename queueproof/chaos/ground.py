"""What one scenario is played on: a stack of its own, or the user's deployment, made ready."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import cast

from queueproof.chaos.replicas import ReplicaFleet
from queueproof.chaos.scenario import Scenario
from queueproof.config.model import RunConfig
from queueproof.errors import QueueproofError
from queueproof.history import History
from queueproof.stack.chaos import ChaosStack, open_chaos_stack
from queueproof.stack.servers import servers_of
from queueproof.targets.fleet import Fleet
from queueproof.targets.langflow.settings import timings_under
from queueproof.targets.opening import make_adapter
from queueproof.targets.system import System
from queueproof.targets.witness import Witness

#: Keys must outlive the outages of most scenarios; those that shall not say so in `settings`.
_SETTINGS = {"LANGFLOW_REDIS_QUEUE_TTL": "30"}
_TIDY_S = 10.0


@dataclass(frozen=True)
class Ground:
    """A stack and the system that clients see on it."""

    stack: ChaosStack
    system: System


@asynccontextmanager
async def open_ground(
    config: RunConfig, scenario: Scenario, *, history: History, witness: Witness
) -> AsyncIterator[Ground]:
    """Bring up what `scenario` needs; everything ends, and is healed, with the context."""
    settings = {**_SETTINGS, **scenario.settings}
    stack_opening = open_chaos_stack(
        config.target,
        embedded=config.embedded,
        servers=servers_of(config.stack, config.redis_binary),
        replicas=scenario.replicas,
        workers_each=scenario.workers_each,
        settings=settings,
        faults=scenario.faults,
    )
    async with stack_opening as stack:
        target = stack.target
        if config.embedded:
            target = replace(target, timings=timings_under(settings, target.timings))
        adapter = make_adapter(target, history, witness)
        fleet = ReplicaFleet(target.urls, worker_header=target.worker_header)
        system = System(
            adapter=adapter,
            fleet=cast(Fleet, fleet),
            timings=target.timings,
            history=history,
            witness=witness,
            redis=stack.redis.view,
        )
        async with fleet.vantage() as vantage:
            await adapter.prepare(vantage, answer_s=target.timings.answer_s)
        try:
            yield Ground(stack, system)
        finally:
            if not config.embedded:
                await _tidy(system)


async def _tidy(system: System) -> None:
    """Leave nothing behind on a deployment that goes on living."""
    with suppress(QueueproofError, TimeoutError, OSError, KeyError):
        async with system.fleet.vantage() as vantage:
            await system.adapter.tidy(vantage)
