"""A watch outlives whatever goes wrong with its target, and refuses what it can never ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.config.model import TargetConfig
from queueproof.errors import HarnessError, NotAssessed, TargetUnreachable, UsageError
from queueproof.targets.job import Ending
from queueproof.targets.system import System
from queueproof.watch import looking
from queueproof.watch.looking import REACHED, Lookout, Round

_TARGET = TargetConfig(urls=("http://127.0.0.1:1",))


def rounds(monkeypatch: pytest.MonkeyPatch, *troubles: Exception) -> list[Round]:
    """One round after another, each of which meets its trouble as the target is opened."""
    met = iter(troubles)

    @asynccontextmanager
    async def refusing(*_: Any, **__: Any) -> AsyncIterator[Any]:
        raise next(met)
        yield

    async def look() -> list[Round]:
        lookout = Lookout(_TARGET, within_s=1.0)
        return [await lookout.look() for _ in troubles]

    monkeypatch.setattr(looking, "open_system", refusing)
    return asyncio.run(look())


def test_trouble_after_the_first_round_is_an_observation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that was changed, an error of ours: red, and asked again."""
    troubles = (TargetUnreachable("gone"), UsageError("the login failed"), HarnessError("odd"))
    for seen, words in zip(rounds(monkeypatch, *troubles), map(str, troubles), strict=True):
        (only,) = seen.observations
        assert (only.check, only.good, only.words) == (REACHED, False, words)


@pytest.mark.parametrize("trouble", [UsageError("no such flow"), NotAssessed("no short jobs")])
def test_what_cannot_be_asked_as_it_is_described_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    with pytest.raises(UsageError, match=str(trouble)):
        rounds(monkeypatch, trouble)


@pytest.mark.parametrize(
    ("operations", "before"), [({"poll", "steps"}, "polled"), ({"poll"}, "waited")]
)
def test_a_job_is_cancelled_once_it_is_at_work(
    monkeypatch: pytest.MonkeyPatch, operations: set[str], before: str
) -> None:
    """A cancel in a job's start has locked targets for good."""
    done: list[str] = []

    def noting(what: str, answer: Any = None) -> Any:
        async def note(*_: Any, **__: Any) -> Any:
            done.append(what)
            return answer

        return note

    job = SimpleNamespace(owner=None)
    job.system = SimpleNamespace(
        adapter=SimpleNamespace(operations=operations),
        submit=noting("submitted", job),
        cancel=noting("cancelled", SimpleNamespace(claims_success=True, words="200")),
    )
    read = SimpleNamespace(ending=Ending.CANCELLED, ticks=[0])
    monkeypatch.setattr(looking, "poll_until_tick", noting("polled"))
    monkeypatch.setattr(looking, "read_job", noting("read", read))
    monkeypatch.setattr(looking.asyncio, "sleep", noting("waited"))

    assert asyncio.run(looking._cancels(cast("System", job.system), None, None, 1.0)) == ""
    assert done == ["submitted", before, "cancelled", "read"]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [(3, [3, 3, 3]), (None, [3, 4, 4])],
    ids=["as many as are declared", "as many as were ever found"],
)
def test_a_replica_more_while_replicas_are_exchanged_is_not_missed_afterwards(
    monkeypatch: pytest.MonkeyPatch, declared: int | None, expected: list[int]
) -> None:
    """A rolling update begins the new replica before the old one ends."""
    asked: list[int] = []
    system = SimpleNamespace(workers=(), history=SimpleNamespace(operations=[]))

    async def noting(_: Any, *, expected: int, **__: Any) -> tuple[()]:
        asked.append(expected)
        return ()

    async def look() -> None:
        lookout = Lookout(replace(_TARGET, workers=declared), within_s=1.0)
        monkeypatch.setattr(lookout, "_system", system)
        for number in (3, 4, 3):
            system.workers = tuple(range(number))
            await lookout.look()

    monkeypatch.setattr(looking, "_asked", noting)
    asyncio.run(look())

    assert asked == expected
