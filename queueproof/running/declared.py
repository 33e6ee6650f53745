"""What a target's description alone decides of its requirements, before anything is asked of it."""

from __future__ import annotations

from queueproof.config.mapping import JobMapping
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
    if reason := next(filter(None, (_unnamed(name, mapping) for name in requirement.asks)), ""):
        return reason
    if requirement.promises and (reason := promises.lacking(requirement.promises)):
        return reason
    return _without_access(requirement, target)


def promise_beside(requirement: Requirement, target: TargetConfig) -> str:
    """The promises that decide a requirement, as this target makes them, in a line."""
    if target.promises is None:
        return ""
    return target.promises.told(tuple(requirement.promises))


def _unnamed(name: str, mapping: JobMapping) -> str:
    """Why a requirement that asks for this cannot be judged by the mapping; empty where it can."""
    if name == "result":
        return "" if mapping.tells_results else _RESULT
    if name == "health":
        return "" if mapping.health else "the mapping names no health check ([mapping] health)"
    named = mapping.streams if name == "stream" else name in mapping.calls
    return "" if named else f"the mapping names no {name} ([mapping.{name}])"


def _without_access(requirement: Requirement, target: TargetConfig) -> str:
    """What can be told of access without asking: what nobody has given."""
    launched = target.launch is not None and target.launch.for_cases
    if requirement.access is Access.LAUNCH and not launched:
        return "needs a start command ([launch] in the target file)"
    if requirement.access is Access.REDIS and not (launched or target.redis_url):
        return "needs the queue's Redis URL (redis_url, or [launch])"
    return ""
