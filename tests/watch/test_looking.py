"""A watch outlives whatever goes wrong with its target, and refuses what it can never ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from queueproof.config.model import TargetConfig
from queueproof.errors import HarnessError, NotAssessed, TargetUnreachable, UsageError
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
