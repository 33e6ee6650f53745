"""Whether a case can be asked of this target at all, and if not, why, in words that say what
would make it possible.
"""

from __future__ import annotations

from queueproof.config.model import RunConfig
from queueproof.errors import CaseOutcome, Inconclusive, NotAssessed
from queueproof.requirements import Access, Requirement
from queueproof.running.capabilities import Capabilities
from queueproof.running.declared import why_not_by_description
from queueproof.running.marks import CaseMark
from queueproof.targets.contracts import workers_stand_apart
from queueproof.targets.protocol import Role
from queueproof.targets.system import System

#: What gives a kind of access.
HOW_TO_GIVE = {
    Access.HTTP: "a user's token",
    Access.ADMIN: "a superuser's token (QUEUEPROOF_ADMIN_TOKEN, or log in as a superuser)",
    Access.REDIS: "the queue's Redis URL (--redis-url, or QUEUEPROOF_REDIS_URL with a password)",
    Access.PROXY: "a fault proxy between workers and Redis",
    Access.PROCESS: "the target's master process id on this machine (process_root), or an executor "
    "([executor])",
    Access.LAUNCH: "a start command ([launch] in the target file)",
}
_NEEDS = {
    "witness": "the target must be able to reach the witness (witness_host, witness_announce), or "
    "its jobs their queue's Redis (witness_through)",
    "proof_of_work": "the target must be able to reach the witness (witness_host, "
    'witness_announce), or tell results (witness_through = "result")',
    "other_user": "a second user (made through admin access, or QUEUEPROOF_OTHER_USERNAME and "
    "QUEUEPROOF_OTHER_PASSWORD)",
    "monitor": "a superuser's token (QUEUEPROOF_ADMIN_TOKEN, or log in as a superuser)",
    "runs_once": "the target file says at_least_once: a lost job may be run again",
    "cursor": "the target's polls name no position to resume from",
    "dashboard": "the target shows no dashboard at /admin/queues (ENABLE_BULLMQ_DASHBOARD), or the "
    "login is no administrator's",
    "worker_health": "the addresses of the workers' health are not known (worker_urls)",
    "redis_tls": "the Redis server at hand is built without TLS",
}


def access_levels(config: RunConfig, system: System) -> frozenset[Access]:
    """What this run may do with the target."""
    target = config.target
    levels = {Access.HTTP}
    if system.adapter.has(Role.ADMIN):
        levels.add(Access.ADMIN)
    if system.redis is not None:
        levels.add(Access.REDIS)
    known = system.processes is not None or any(member.pid for member in system.crew)
    if known or system.workforce is not None:
        levels.add(Access.PROCESS)
    if target.launch is not None and target.launch.for_cases:
        levels |= {Access.LAUNCH, Access.REDIS, Access.PROCESS}
    return frozenset(levels)


def why_not_to_ask(
    requirement: Requirement,
    mark: CaseMark,
    *,
    config: RunConfig,
    system: System,
    able: Capabilities,
) -> CaseOutcome | None:
    """Why the case cannot be asked; None when it can.

    What was given and does not work leaves it inconclusive: nobody can say that it was not given.
    """
    access = mark.access or requirement.access
    monitored = access is Access.ADMIN and "monitor" in system.adapter.operations
    needs = (*(("monitor",) if monitored else ()), *requirement.needs, *mark.needs)
    lacking = [need for need in needs if need not in able.found | able.broken.keys()]
    broken = [able.broken[need] for need in needs if need in able.broken]
    if reason := why_not_by_description(requirement, config.target):
        return NotAssessed(reason)
    reason = _not_allowed(requirement, mark, access, config=config, system=system)
    if reason:
        return NotAssessed(reason)
    if lacking:
        why = able.absent.get(lacking[0]) or _NEEDS.get(lacking[0], lacking[0])
        return NotAssessed(f"needs {lacking[0]}: {why}")
    if broken:
        return Inconclusive(broken[0])
    wanting = mark.workers > len(system.workers) and access is not Access.LAUNCH
    if wanting and (missing := missing_workers(config, system)):
        return Inconclusive(f"needs {mark.workers} workers: {missing}")
    reason = _not_here(mark, access, config=config, system=system)
    return NotAssessed(reason) if reason else None


def disturbs(requirement: Requirement, access: Access) -> bool:
    """Whether a case disturbs the target itself; what it launches by itself is nobody else's."""
    return requirement.destructive and access is not Access.LAUNCH


def _not_allowed(
    requirement: Requirement,
    mark: CaseMark,
    access: Access,
    *,
    config: RunConfig,
    system: System,
) -> str:
    launch = config.target.launch
    on_a_copy = mark.alone and launch is not None and launch.lanes > 0
    if access is Access.REDIS and system.redis is None and not on_a_copy:
        return system.redis_reason or f"needs redis access: {HOW_TO_GIVE[Access.REDIS]}"
    if access not in access_levels(config, system):
        return f"needs {access.value} access: {HOW_TO_GIVE[access]}"
    if disturbs(requirement, access) and not config.target.disposable:
        return "disturbs the whole target: say that it is --disposable"
    return ""


def _not_here(mark: CaseMark, access: Access, *, config: RunConfig, system: System) -> str:
    if mark.workers > len(system.workers) and access is not Access.LAUNCH:
        return _too_few_workers(mark.workers, system)
    wait_s = mark.wait(system.timings)
    if wait_s > config.patience_s:
        return (
            f"waits {wait_s:.0f} s with the declared timings, more than --patience "
            f"{config.patience_s:.0f}"
        )
    return ""


def _too_few_workers(needed: int, system: System) -> str:
    if system.fleet.identifier is None:
        return f"needs {needed} known workers: {system.fleet.unsorted_because}"
    return f"needs {needed} workers, found {len(system.workers)}"


def missing_workers(config: RunConfig, system: System) -> str:
    """What the target declares of its workers and was not found; empty where nothing is missing.

    Where workers cannot be told apart, they cannot be counted either.
    """
    if out_of_service := system.fleet.addresses.out_of_service:
        return out_of_service
    declared = config.target.workers
    if declared is None or system.fleet.identifier is None:
        return ""
    if workers_stand_apart(config.target):
        return ""
    found = system.fleet.found
    if found >= declared:
        return ""
    return f"{declared} workers are declared, {found} found: did the others not come up?"
