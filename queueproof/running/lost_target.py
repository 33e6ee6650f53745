"""What a case raised while the target, or a worker of it, went away: whom it accuses, if anyone."""

from __future__ import annotations

from redis.exceptions import RedisError

from queueproof.errors import Inconclusive, NotAssessed, TargetUnreachable, Violation
from queueproof.history import CONNECTION_LOST
from queueproof.running.outcome import seen_through
from queueproof.running.run_end import RunEnd
from queueproof.targets.redis_errors import outcome_of
from queueproof.targets.system import System


async def attribute_loss(
    error: BaseException | None,
    *,
    system: System,
    began: float,
    ours: bool,
    end: RunEnd,
    case: str = "",
) -> BaseException | None:
    """What a case came to that raised `error` and began at an instant of the monotonic clock.

    A target that is gone ends the run; a launched copy that is gone only its case.
    In a deployment that others run too (not `ours`), workers and replicas come and go: what a case
    saw while one went away accuses nobody, unless the case itself takes workers away. Nor does the
    loss of a connection that had been kept: whoever is at its other end may close it when it likes,
    also while a request is on its way.
    What Redis refuses to us, or does not answer, is not our own error.
    """
    if isinstance(error, RedisError):
        return outcome_of(error)
    if isinstance(error, Violation) and not ours:
        if gone := await system.fleet.gone_since(began):
            return Inconclusive(f"{gone}, while the case saw: {error}")
        lost = system.lost_on_kept(case, since=began)
        if lost and CONNECTION_LOST in error.actual:
            return Inconclusive(f"{lost}, which may be closed at any time; the case saw: {error}")
        return seen_through(error, system.fleet.in_front)
    if not isinstance(error, TargetUnreachable):
        return error
    if await system.healthy():
        return Inconclusive(f"a target stopped answering: {error}")
    end.fail(error)
    return NotAssessed(f"the target is gone: {error}")
