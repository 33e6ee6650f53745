"""A worker that is killed, asked to stop or frozen: by its process where this is known, else by the
executor, as the instance (container, pod, program) that it runs in.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.executors.executor import Ability, Instance
from queueproof.executors.workforce import Workforce
from queueproof.faults.base import Fault
from queueproof.faults.shared.instances import EndedInstance, FrozenInstance
from queueproof.faults.shared.signalled_process import EndedProcess, FrozenProcess
from queueproof.processes.signalling import ProcessKey
from queueproof.stack.journal import Journal
from queueproof.targets.identify import ByHeader
from queueproof.targets.system import System
from queueproof.targets.worker import Worker


async def killed(system: System, worker: Worker) -> Fault:
    """It ends at once. A process gets no successor from us, an instance is started again.

    Raises NotAssessed where the executor cannot, or where it is not certain which instance it is.
    """
    return await _ended(system, worker, by=signal.SIGKILL)


async def asked_to_stop(system: System, worker: Worker) -> Fault:
    """It is told to end, and may finish what it has (see `killed`)."""
    return await _ended(system, worker, by=signal.SIGTERM)


async def frozen(system: System, worker: Worker) -> Fault:
    """It stands still until healed (see `killed`)."""
    if by_process(system, worker):
        assert system.processes is not None
        victim = system.processes.victim(worker)
        return FrozenProcess(victim, f"worker {worker}", journal=_journal(system))
    workforce = _workforce(system)
    workforce.require(Ability.FREEZE)
    instance, url = await instance_of(system, worker)
    return FrozenInstance(workforce, instance, url=url, journal=_journal(system))


async def instance_of(system: System, worker: Worker) -> tuple[Instance, str]:
    """The instance in which a worker runs, and where that one alone serves (empty: not known)."""
    workforce = _workforce(system)
    urls = sorted(system.fleet.urls_of(worker))
    if isinstance(system.fleet.identifier, ByHeader):
        try:
            instance = await workforce.named(worker.key)
        except NotAssessed:
            if len(urls) != 1:
                raise
        else:
            return instance, await _own_url(workforce, instance, urls)
    if len(urls) != 1:
        raise NotAssessed(
            f"which {workforce.noun} worker {worker} runs in is not known: give one URL each, or "
            f"a worker_header with the {workforce.noun}'s name"
        )
    return await workforce.at(urls[0]), urls[0]


async def neighbours(system: System, worker: Worker) -> list[Worker]:
    """The other workers that are struck with it, since they run in the same instance."""
    if by_process(system, worker):
        return []
    own, _ = await instance_of(system, worker)
    others = [other for other in system.workers if other != worker]
    return [one for one in others if (await instance_of(system, one))[0].name == own.name]


async def elsewhere(system: System, worker: Worker, others: Iterable[Worker]) -> list[Worker]:
    """Those of the others that go on when `worker` is struck.

    Raises Inconclusive where nobody would be left.
    """
    struck = [worker, *await neighbours(system, worker)]
    left = [other for other in others if other not in struck]
    if not left:
        raise Inconclusive(f"no worker would be left beside worker {worker} and what it runs in")
    return left


async def _ended(system: System, worker: Worker, *, by: signal.Signals) -> Fault:
    if by_process(system, worker):
        assert system.processes is not None
        return EndedProcess(system.processes.victim(worker), f"worker {worker}", by=by)
    workforce = _workforce(system)
    graceful = by is signal.SIGTERM
    workforce.require(Ability.STOP if graceful else Ability.KILL)
    instance, url = await instance_of(system, worker)
    return EndedInstance(workforce, instance, url=url, graceful=graceful)


def by_process(system: System, worker: Worker) -> bool:
    """Whether signals go to its process: also, to be refused, where no executor is declared."""
    if system.processes is None:
        return False
    return isinstance(worker.key, ProcessKey) or system.workforce is None


def _journal(system: System) -> Journal | None:
    """Where it is noted what would stay when the run is killed; a target of ours ends with it."""
    return None if system.is_ours else Journal()


def _workforce(system: System) -> Workforce:
    if system.workforce is None:
        raise NotAssessed("the target's processes cannot be seen, and no executor is declared")
    return system.workforce


async def _own_url(workforce: Workforce, instance: Instance, urls: list[str]) -> str:
    """The URL at which this instance alone serves: a Service's would go on without it."""
    for url in urls:
        try:
            if (await workforce.at(url)).name == instance.name:
                return url
        except NotAssessed:
            continue
    return ""
