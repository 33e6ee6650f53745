"""Making a failing schedule short: take steps out, or make them plainer, and play it again.

Playing costs time, not processor, so all candidates of a round are played side by side. A
candidate counts when it breaks the same rule of the model. What fails only now and then may come
out longer than it could be; a shorter schedule that was seen to fail is never given up again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace

from queueproof.exploring import shapes
from queueproof.exploring.steps import Kind, Schedule, Step, playable

Fails = Callable[[Schedule], Awaitable[bool]]
_PLAINER_SHAPES = {
    shapes.STEADY: shapes.QUICK,
    shapes.BURST: shapes.QUICK,
    shapes.COLD: shapes.QUICK,
    shapes.FAILING: shapes.QUICK,
    shapes.QUIET: shapes.STEADY,
    shapes.SILENT: shapes.QUIET,
    shapes.LONG: shapes.STEADY,
}


async def shrink(
    schedule: Schedule, fails: Fails, *, within_s: float, at_once: int = 8
) -> Schedule:
    """The shortest schedule found within `within_s` that still `fails`.

    The given one is known to fail and is returned when nothing shorter does.
    """
    deadline = time.monotonic() + within_s
    best, tried = schedule, {schedule}
    while time.monotonic() < deadline:
        candidates = [c for c in _unique(_smaller(best)) if c not in tried]
        if not candidates:
            break
        batch = candidates[:at_once]
        tried.update(batch)
        found = await _first_failing(batch, fails, deadline)
        if found is not None:
            best = found
    return best


def cost(schedule: Sequence[Step]) -> tuple[int, int]:
    """What makes a schedule long: its steps, then how much there is to say about them."""
    return len(schedule), sum(len(step.words) for step in schedule)


async def _first_failing(
    batch: Sequence[Schedule], fails: Fails, deadline: float
) -> Schedule | None:
    """The smallest of the batch that fails, as far as that is known at the deadline."""
    plays = {asyncio.ensure_future(fails(candidate)): candidate for candidate in batch}
    try:
        left_s = max(0.1, deadline - time.monotonic())
        done, _ = await asyncio.wait(plays, timeout=left_s)
        failing = [plays[play] for play in done if play.exception() is None and play.result()]
        return min(failing, key=cost, default=None)
    finally:
        for play in plays:
            play.cancel()
        await asyncio.gather(*plays, return_exceptions=True)


def _smaller(schedule: Schedule) -> Iterator[Schedule]:
    """Candidates, the boldest first: halves left out, pairs, single steps, then plainer steps."""
    size = len(schedule)
    for width in sorted({size // 2, size // 3, 2, 1}, reverse=True):
        if width < 1:
            continue
        starts = range(size - width, -1, -1) if width <= 2 else range(0, size, width)
        for start in starts:
            yield playable(schedule[:start] + schedule[start + width :])
    for number, step in enumerate(schedule):
        for plainer in _plainer(step):
            yield (*schedule[:number], plainer, *schedule[number + 1 :])


def _plainer(step: Step) -> Iterator[Step]:
    if step.kind is Kind.SUBMIT and step.what in _PLAINER_SHAPES:
        yield replace(step, what=_PLAINER_SHAPES[step.what])
    if len(step.via) > 1:
        yield from (replace(step, via=via) for via in dict.fromkeys((step.via[:2], *step.via)))
    if step.kind is Kind.WAIT and step.what != shapes.MOMENT:
        yield replace(step, what=shapes.MOMENT)


def _unique(schedules: Iterator[Schedule]) -> list[Schedule]:
    return [schedule for schedule in dict.fromkeys(schedules) if schedule]
