"""What schedules of a target can be made of: the probes and the requests that it has words for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from queueproof.errors import NotAssessed, QueueproofError, UsageError
from queueproof.exploring.shapes import probe_of
from queueproof.exploring.steps import Kind, Step
from queueproof.targets.system import System

_POLL, _STREAM, _CANCEL, _MONITOR = "poll", "stream", "cancel", "monitor"
_ASKS = {
    Kind.POLL: _POLL,
    Kind.GIVE_UP: _POLL,
    Kind.POLL_OUT: _POLL,
    Kind.ATTEND: _POLL,
    Kind.STREAM: _STREAM,
    Kind.READ_OUT: _STREAM,
    Kind.DROP: _STREAM,
    Kind.CANCEL: _CANCEL,
    Kind.LOOK: _MONITOR,
}


async def expressible(system: System, shapes: Iterable[str]) -> tuple[str, ...]:
    """The shapes whose probes the target takes words for: one job of each is submitted, and
    cancelled.

    Raises UsageError where none is left.
    """
    found, reason = [], ""
    for shape in shapes:
        try:
            job, _ = await system.try_submit(probe_of(shape, system.timings, witnessed=False))
        except NotAssessed as lacking:
            reason = str(lacking)
            continue
        found.append(shape)
        if job is not None:
            with suppress(QueueproofError, TimeoutError, OSError):
                await system.cancel(job)
    if not found:
        raise UsageError(f"no schedule can be played: {reason}")
    return tuple(found)


def lacking(system: System) -> frozenset[str]:
    """Which of poll, stream, cancel and monitor the target has no request for.

    Raises UsageError for a described target that tells no steps: schedules are judged by the events
    that readers get.
    """
    operations = system.adapter.operations
    described = system.promises is not None
    if described and "steps" not in operations:
        raise UsageError(
            "schedules are judged by the steps that readers are told, and this mapping tells "
            "states alone ([mapping.event]): use queueproof gate, chaos or load"
        )
    readers = {_POLL, _STREAM} & operations
    without = {_POLL, _STREAM} - readers if readers else set()
    without |= {_MONITOR} - operations
    return frozenset(without | ({_CANCEL} - operations if described else set()))


def possible(steps: Iterable[Step], without: frozenset[str]) -> Sequence[Step]:
    """The steps that need none of these requests."""
    return [step for step in steps if not {_ASKS.get(step.kind, ""), step.what} & without]
