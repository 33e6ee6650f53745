"""No case is played on a target that has stopped beginning jobs, until it begins one again."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.history import EventKind
from queueproof.running import standstill
from queueproof.running.standstill import MetStandstill

from .stopping_target import SEEN, A, B, Target, play
from .stopping_target import target as target


def test_no_case_is_played_on_a_target_of_which_every_worker_has_stopped(target: Target) -> None:
    async def scenario() -> None:
        for worker in (A, B):
            target.note("before", worker, 1.0, EventKind.TICK)
        target.deaf = {"a", "b"}
        await target.judge(target.note("met", A, 5.0))
        assert await target.watch.bars(target.system, for_one=False) is None
        await target.judge(target.note("met", B, 6.0))

        barred = await target.watch.bars(target.system, for_one=False)

        assert str(barred).startswith("not played: worker a accepts jobs and begins none since 5.0")
        other: Any = SimpleNamespace(workers=(A, B))
        assert await target.watch.bars(other, for_one=False) is None

    play(scenario)


def test_of_a_target_that_will_be_launched_anew_one_worker_is_enough(target: Target) -> None:
    """What is played before that is played in vain."""

    async def scenario() -> None:
        target.note("before", A, 1.0, EventKind.TICK)
        assert await target.watch.bars(target.system, for_one=True) is None
        target.deaf = {"a"}
        await target.judge(target.note("met", A, 5.0))

        assert isinstance(await target.watch.bars(target.system, for_one=True), MetStandstill)
        assert target.asked == ["a"]

    play(scenario)


def test_a_target_that_could_not_be_launched_anew_is_played_on_no_more(target: Target) -> None:
    """What was seen of it stays told, and the run goes on with what needs it not."""

    async def scenario() -> None:
        target.note("before", A, 1.0, EventKind.TICK)
        target.deaf = {"a"}
        await target.judge(target.note("met", A, 5.0))

        target.watch.give_up("it was launched anew, and does not serve")

        barred = await target.watch.bars(target.system, for_one=False)
        assert str(barred).startswith("not played: worker a accepts jobs and begins none")
        assert str(barred).endswith("; it was launched anew, and does not serve")
        assert target.asked == ["a"]

    play(scenario)


def test_cases_are_played_again_once_one_worker_begins_jobs(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        monkeypatch.setattr(standstill, "_FRESH_S", 0.0)
        for worker in (A, B):
            target.note("before", worker, 1.0, EventKind.TICK)
        target.deaf = {"a", "b"}
        await target.judge([*target.note("met", A, 5.0), *target.note("met", B, 5.0)])
        target.deaf = {"a"}
        await asyncio.sleep(0.01)

        assert await target.watch.bars(target.system, for_one=False) is None

    play(scenario)


def test_a_target_that_was_launched_anew_is_begun_with_anew(target: Target) -> None:
    """Its workers have the letters of those before; what was seen stays told."""

    async def scenario() -> None:
        target.note("before", A, 1.0, EventKind.TICK)
        target.deaf = {"a"}
        await target.judge(target.note("met", A, 5.0))

        target.launch()

        assert target.watch.stopped(target.system) == ()
        assert await target.judge(target.note("after", A, 60.0)) is SEEN
        assert target.watch.stopped(target.system) == ()
        assert len(target.watch.seen) == 1

    play(scenario)
