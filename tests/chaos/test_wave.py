"""A wave accuses a worker of idleness only where it was seen who did every job."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.chaos.wave import _submitted, idle_workers, queue_lacks
from queueproof.targets.system import System

from .. import virtual_time


def queue(*doers: str | None) -> tuple[Any, list[Any]]:
    """A queue with the workers a and b, and jobs that were done by these."""
    jobs = [SimpleNamespace(key=str(number)) for number in range(len(doers))]
    witness = SimpleNamespace(worker_of=lambda key: doers[int(key)])
    crew = (SimpleNamespace(label="worker a"), SimpleNamespace(label="worker b"))
    return SimpleNamespace(witness=witness, crew=crew), jobs


@pytest.mark.parametrize(
    ("doers", "said"),
    [
        (("worker a", "worker b", "worker a"), ""),
        (("worker a", "worker a", "worker a"), "worker b took none of 3 jobs"),
        (("worker a", None, "worker a"), ""),
        ((None, None, None), ""),
    ],
)
def test_who_took_none(doers: tuple[str | None, ...], said: str) -> None:
    """A job whose worker could not be seen may have been anybody's."""
    system, jobs = queue(*doers)

    assert idle_workers(system, jobs) == said


class Front:
    """Answers each submit after a moment, the one numbered `refuses` with a refusal."""

    def __init__(self, refuses: int | None = None) -> None:
        self.refuses = refuses
        self.asked = self.under_way = self.most_at_once = 0
        self.crew, self.slots = (), 16

    async def try_submit(self, _: Any) -> tuple[Any, Any]:
        number, self.asked = self.asked, self.asked + 1
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(0.01)
        self.under_way -= 1
        job = None if number == self.refuses else SimpleNamespace(key=str(number))
        return job, SimpleNamespace(words="503")


def test_a_wave_is_submitted_a_few_at_a_time() -> None:
    """Forty at once would wait for each other in a front on a busy machine."""
    front = Front()

    jobs, refusals = virtual_time.run(lambda: _submitted(cast(System, front), 40))

    assert (len(jobs), refusals, front.most_at_once) == (40, [], 8)


def test_after_a_refusal_no_more_are_submitted() -> None:
    """The wave is lost; those that were under way are told, too."""
    front = Front(refuses=3)

    said = virtual_time.run(lambda: queue_lacks(cast(System, front)))

    assert said == f"1 of {front.asked} submits got 503"
    assert front.asked < 40
