"""What a target's description alone decides of its requirements, before anything is asked of it."""

from __future__ import annotations

from queueproof.config.model import TargetConfig
from queueproof.requirements import Access, Requirement

_RESULT = (
    "the mapping says nothing of results: {answer} in [mapping.submit], and [mapping.status] "
    "result or [mapping.result]"
)


def why_not_by_description(requirement: Requirement, target: TargetConfig) -> str:
    """Why a described target is not judged by this requirement; empty where it may be.

    Of a contract with a document of its own, that document makes the promises.
    """
    mapping, promises = target.mapping, target.promises
    if mapping is None or promises is None:
        return ""
    for name in requirement.asks:
        if name == "result":
            if not mapping.tells_results:
                return _RESULT
        elif (name == "stream" and mapping.streams) or (name == "health" and mapping.health):
            continue
        elif name == "health":
            return "the mapping names no health check ([mapping] health)"
        elif name not in mapping.calls:
            return f"the mapping names no {name} ([mapping.{name}])"
    if requirement.promises and (reason := promises.lacking(requirement.promises)):
        return reason
    return _without_access(requirement, target)


def promise_beside(requirement: Requirement, target: TargetConfig) -> str:
    """The promises that decide a requirement, as this target makes them, in a line."""
    if target.promises is None:
        return ""
    return target.promises.told(tuple(requirement.promises))


def _without_access(requirement: Requirement, target: TargetConfig) -> str:
    """What can be told of access without asking: what nobody has given."""
    launched = target.launch is not None and target.launch.for_cases
    if requirement.access is Access.LAUNCH and not launched:
        return "needs a start command ([launch] in the target file)"
    if requirement.access is Access.REDIS and not (launched or target.redis_url):
        return "needs the queue's Redis URL (redis_url, or [launch])"
    return ""
