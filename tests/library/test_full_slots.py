"""Slots that are said to be full are full when the next job comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.errors import Inconclusive
from queueproof.probe import Probe
from queueproof.targets.full_slots import fill_slots

SLOTS = 3


@dataclass
class Submitted:
    probe: Probe
    sightings: range


@dataclass
class Queue:
    """Its workers did so many steps of each job of a batch when the batch's last one began."""

    done: tuple[tuple[int, ...], ...]
    slots: int = SLOTS
    timings: Any = field(default_factory=lambda: SimpleNamespace(answer_s=0.0))
    history: Any = field(default_factory=lambda: SimpleNamespace(now_s=lambda: 0.0))
    jobs: list[Submitted] = field(default_factory=list)

    async def submit(self, probe: Probe) -> Submitted:
        batch, at = divmod(len(self.jobs), SLOTS)
        self.jobs.append(Submitted(probe, range(self.done[batch][at])))
        return self.jobs[-1]


def filled(queue: Queue) -> list[Any]:
    return asyncio.run(fill_slots(cast(Any, queue)))


def test_jobs_that_begin_at_once_fill_them() -> None:
    queue = Queue(done=((2, 1, 1),))

    assert filled(queue) == queue.jobs
    assert len(queue.jobs) == SLOTS


@pytest.mark.parametrize("first", [25, 16], ids=["over", "nearly over"])
def test_where_the_first_is_over_when_the_last_begins_others_take_their_place(first: int) -> None:
    queue = Queue(done=((first, 9, 1), (9, 5, 1)))

    assert filled(queue) == queue.jobs[SLOTS:]


def test_slots_that_cannot_be_filled_are_no_verdict() -> None:
    with pytest.raises(Inconclusive, match="a slot is free again"):
        filled(Queue(done=((25, 9, 1), (25, 9, 1))))
    with pytest.raises(Inconclusive, match="2 of 3 jobs began"):
        filled(Queue(done=((1, 1, 0),)))
