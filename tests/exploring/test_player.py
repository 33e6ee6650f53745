"""Whom a schedule's steps ask, and which streams it says to hang; the target is written here."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.exploring.player import Player
from queueproof.exploring.reading import Reader
from queueproof.exploring.record import Disturbance, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind, Step
from queueproof.targets.worker import Worker

from .records import TIMINGS, job

FIRST, SECOND, THIRD = (Worker(label, f"key-{label}") for label in "abc")


class _Clock:
    """A history whose time goes a second a look."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def now_s(self) -> float:
        self.at_s += 1.0
        return self.at_s


def player_of(*workers: Worker, **more: Any) -> Player:
    system: Any = SimpleNamespace(workers=workers, timings=TIMINGS, **more)
    return Player(system, witnessed=False)


def kill(player: Player, letter: str) -> None:
    gone = Disturbance(kind=Kind.KILL, via=letter, from_s=1.0, until_s=float("inf"))
    player.record.disturbances.append(gone)


def test_the_next_worker_stands_in_for_a_killed_one() -> None:
    """Letters begin again behind the last."""
    player = player_of(FIRST, SECOND)
    kill(player, "b")

    assert player.worker("a") == FIRST
    assert player.worker("b") == FIRST


def test_where_all_were_killed_a_successor_is_asked() -> None:
    """It was met since the schedule began."""
    player = player_of(FIRST)
    kill(player, "a")
    player.system.workers = (THIRD,)  # type: ignore[misc]

    assert player.worker("a") == THIRD


@pytest.mark.parametrize("workers", [(), (FIRST,)])
def test_without_a_living_worker_nothing_is_judged(workers: tuple[Worker, ...]) -> None:
    """A stream to a killed worker waits for a connection that never comes, and hangs by itself."""
    player = player_of(*workers)
    kill(player, "a")

    with pytest.raises(Inconclusive, match="none is left"):
        player.worker("b")


@pytest.mark.parametrize(("answered", "hangs"), [(False, False), (True, True)])
def test_a_stream_hangs_only_once_it_was_answered(answered: bool, hangs: bool) -> None:
    """Before, the harness may still look for a connection to its worker; the reader says so."""

    @asynccontextmanager
    async def stream(*_: object, **__: object) -> Any:
        await asyncio.sleep(0 if answered else 1.5)
        if not answered:
            raise Inconclusive("worker b went away")
        yield SimpleNamespace(reply=SimpleNamespace(status=200), next_event=_never)

    async def played() -> StreamSeen:
        player = player_of(FIRST, stream=stream, history=_Clock(), within=lambda _: 3.0)
        player.record.jobs[1] = job(at_s=0.0)
        player.handles[1] = SimpleNamespace(system=player.system, sightings=[])  # type: ignore[assignment]
        seen = StreamSeen(number=1, job=1, via="a", asked_s=0.0)
        player.readers[1] = Reader(seen, player.handles[1], FIRST)
        await player.read_out(Step(Kind.READ_OUT, stream=1))
        await player.readers[1].drop(tidying=True)
        return seen

    seen = asyncio.run(asyncio.wait_for(played(), 20.0))

    assert seen.overdue is hangs
    assert (seen.end is StreamEnd.LOST) is not hangs


async def _never(**_: object) -> None:
    await asyncio.Event().wait()
