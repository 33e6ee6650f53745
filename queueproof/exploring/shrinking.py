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
_STRAGGLERS_S = 0.2
_APART = 10
_ENDING = (Kind.CANCEL, Kind.DROP)
_PLAINER_SHAPES = {
    shapes.STEADY: shapes.QUICK,
    shapes.BURST: shapes.QUICK,
    shapes.COLD: shapes.QUICK,
    shapes.FAILING: shapes.QUICK,
    shapes.QUIET: shapes.STEADY,
    shapes.SILENT: shapes.QUIET,
    shapes.LONG: shapes.STEADY,
}

_QUICKER = {
    shapes.SILENT: shapes.QUICK,
    shapes.QUIET: shapes.QUICK,
    shapes.LONG: shapes.STEADY,
    shapes.WHILE: shapes.MOMENT,
    shapes.ABANDON: shapes.MOMENT,
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


def mixtures(schedule: Schedule, others: Sequence[Schedule]) -> Iterator[Schedule]:
    """The schedule with another's steps in the middle, those that end jobs first.

    What two schedules do to each other while they are played side by side, one can do alone.
    """
    ending = sorted(others, key=lambda other: -sum(s.kind in _ENDING for s in other))
    for other in ending:
        moved = [_renumbered(step) for step in other]
        for at in (len(schedule) // 2, 1, 2):
            yield (*schedule[:at], *moved, *schedule[at:])


def _renumbered(step: Step) -> Step:
    """Another schedule's step, with numbers of its own."""
    return replace(
        step,
        job=step.job + _APART if step.job else 0,
        stream=step.stream + _APART if step.stream else 0,
    )


def cost(schedule: Sequence[Step]) -> tuple[int, int]:
    """What makes a schedule long: its steps, then how much there is to say about them."""
    return len(schedule), sum(len(step.words) for step in schedule)


async def _first_failing(
    batch: Sequence[Schedule], fails: Fails, deadline: float
) -> Schedule | None:
    """The smallest of those that fail first; the others are not waited for."""
    plays = {asyncio.ensure_future(fails(candidate)): candidate for candidate in batch}
    waiting, failing = set(plays), list[Schedule]()
    try:
        while waiting and not failing and (left_s := deadline - time.monotonic()) > 0:
            first, _ = await asyncio.wait(
                waiting, timeout=left_s, return_when=asyncio.FIRST_COMPLETED
            )
            done, waiting = await asyncio.wait(waiting, timeout=_STRAGGLERS_S if first else 0.0)
            failing = [plays[play] for play in done if _failed(play)]
        return min(failing, key=cost, default=None)
    finally:
        for play in plays:
            play.cancel()
        await asyncio.gather(*plays, return_exceptions=True)


def _failed(play: asyncio.Future[bool]) -> bool:
    return play.exception() is None and play.result()


def _smaller(schedule: Schedule) -> Iterator[Schedule]:
    """Candidates, the boldest first: halves left out, pairs, single steps, then plainer steps.

    Before all, the same with quick jobs: every later candidate is then played in a moment.
    """
    size = len(schedule)
    yield tuple(_quick(step) for step in schedule)
    for width in sorted({size // 2, size // 3, 2, 1}, reverse=True):
        if width < 1:
            continue
        starts = range(size - width, -1, -1) if width <= 2 else range(0, size, width)
        for start in starts:
            yield playable(schedule[:start] + schedule[start + width :])
    for number, step in enumerate(schedule):
        for plainer in _plainer(step):
            yield (*schedule[:number], plainer, *schedule[number + 1 :])


def _quick(step: Step) -> Step:
    return replace(step, what=_QUICKER.get(step.what, step.what))


def _plainer(step: Step) -> Iterator[Step]:
    if step.kind is Kind.SUBMIT and step.what in _PLAINER_SHAPES:
        yield replace(step, what=_PLAINER_SHAPES[step.what])
    if len(step.via) > 1:
        yield from (replace(step, via=via) for via in dict.fromkeys((step.via[:2], *step.via)))
    if step.kind is Kind.WAIT and step.what != shapes.MOMENT:
        yield replace(step, what=shapes.MOMENT)


def _unique(schedules: Iterator[Schedule]) -> list[Schedule]:
    return [schedule for schedule in dict.fromkeys(schedules) if schedule]
