"""A look at how many jobs run at once, on workers that are written here."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.chaos import slots_look
from queueproof.chaos.slots_look import SlotsLook
from queueproof.history import History
from queueproof.targets.witness import Sighting


class _Queue:
    """Gives jobs to workers, so many to each, and runs so many of a worker's at once."""

    slots = 6

    def __init__(
        self,
        *,
        given: dict[str, int],
        at_once: dict[str, int],
        seen: bool = True,
        any_slot: bool = False,
    ) -> None:
        self.promises = SimpleNamespace(any_slot=any_slot)
        self.crew = [SimpleNamespace(label=worker) for worker in given]
        self.history = History()
        self.witness = self
        self._turns = [worker for worker, number in given.items() for _ in range(number)]
        self._at_once, self._seen = at_once, seen
        self._jobs: dict[str, tuple[str, list[Sighting]]] = {}

    def alternate(self) -> None:
        """Give one job to each worker in turn."""
        self._turns = list("ab" * 99)

    async def try_submit(self, probe: Any) -> tuple[Any, None]:
        key = f"job-{len(self._jobs)}"
        worker = self._turns[len(self._jobs)]
        before = sum(other == worker for other, _ in self._jobs.values())
        begun_s = 10.0 * (before // self._at_once[worker])
        sightings = [Sighting(tick, begun_s + tick * 0.25) for tick in range(probe.ticks)]
        self._jobs[key] = (worker, sightings)
        return SimpleNamespace(key=key, sightings=sightings), None

    def sightings(self, key: str) -> list[Sighting]:
        return self._jobs[key][1]

    def worker_of(self, key: str) -> str | None:
        return self._jobs[key][0] if self._seen else None


@pytest.mark.parametrize(
    ("given", "at_once", "seen", "doubt"),
    [
        ({"a": 9, "b": 3}, {"a": 3, "b": 3}, True, ""),
        ({"a": 11, "b": 1}, {"a": 2, "b": 3}, True, "b was given no more jobs than it ran at once"),
        ({"a": 12, "b": 0}, {"a": 3, "b": 3}, True, "b was given no more jobs than it ran at once"),
        ({"a": 6, "b": 6}, {"a": 1, "b": 2}, True, ""),
        ({"a": 9, "b": 3}, {"a": 1, "b": 3}, False, ""),
    ],
    ids=["as many as wanted", "few", "none", "each has lost some", "nobody knows whose"],
)
def test_a_worker_that_was_given_too_few_jobs_has_not_shown_how_many_it_runs(
    given: dict[str, int], at_once: dict[str, int], seen: bool, doubt: str
) -> None:
    """Another one had taken them ahead."""
    system: Any = _Queue(given=given, at_once=at_once, seen=seen)
    look = SlotsLook()

    asyncio.run(slots_look._look(system, look, 4))

    assert look.doubt == doubt


@pytest.mark.parametrize(
    ("before", "any_slot", "at_once_after", "noted"),
    [
        (6, True, 3, {"wanted": 6, "declared": 6, "seen": 6, "doubt": ""}),
        (5, True, 3, {"wanted": 5, "declared": 6, "seen": 6, "doubt": ""}),
        (
            *(5, True, 2),
            {
                "wanted": 5,
                "declared": 6,
                "seen": 5,
                "doubt": "5 of 6 declared slots had a job before the outage, 5 after",
            },
        ),
        (6, True, 2, {"wanted": 6, "declared": 6, "seen": 5, "doubt": ""}),
        (5, False, 2, {"wanted": 5, "declared": 5, "seen": 5, "doubt": ""}),
    ],
    ids=["all", "all though fewer before", "one was lost or never had", "one was lost", "ahead"],
)
def test_slots_that_a_busy_machine_left_empty_before_are_missed_too(
    before: int, any_slot: bool, at_once_after: int, noted: dict[str, Any]
) -> None:
    """As many as before are no proof that none was lost, where more are declared."""
    many = {"a": 99, "b": 99}
    system: Any = _Queue(given=many, at_once={"a": 3, "b": at_once_after}, any_slot=any_slot)
    system.alternate()

    asyncio.run(slots_look.note_slots(system, before=before, until_s=0.0))

    [note] = system.history.operations
    assert {name: note.facts[name] for name in noted} == noted
