"""A copy of the target is used again only if it is as good as new: all its workers are met."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.running import environment
from queueproof.targets.worker import Worker


class _Fleet:
    """Knows some of two workers; a search meets others, or nobody."""

    found = 2

    def __init__(self, known: int, *, comes_back: bool) -> None:
        self.workers = tuple(Worker(label, f"key-{label}") for label in "ab"[:known])
        self.searches = 0
        self._comes_back = comes_back

    async def discover(self, *, expected: int) -> None:
        self.searches += 1
        if not self._comes_back:
            raise Inconclusive("no connection stays open for longer than one answer")
        self.workers = tuple(Worker(label, f"key-{label}") for label in "cd"[:expected])


@pytest.mark.parametrize("known", [0, 1, 2])
@pytest.mark.parametrize("comes_back", [True, False])
def test_a_lane_of_which_a_worker_was_killed_is_kept_once_its_successor_was_met(
    monkeypatch: pytest.MonkeyPatch, known: int, comes_back: bool
) -> None:
    """One without any known worker had been kept: who asked next had nobody to ask."""
    monkeypatch.setattr(environment, "_all_alive", lambda _: True)
    monkeypatch.setattr(environment, "come_to_rest", _at_once)
    fleet = _Fleet(known, comes_back=comes_back)
    system = SimpleNamespace(fleet=fleet, workers=(), processes=object(), healthy=_at_once)
    lane: Any = SimpleNamespace(system=system)

    kept = asyncio.run(environment._is_pristine(lane))

    assert kept is (known == fleet.found or comes_back)
    assert fleet.searches == (known < fleet.found)


async def _at_once(*_: object) -> bool:
    return True
