"""Outages and load, like a gate, tell what stayed and remove what an earlier run has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.chaos import deployment as chaos_deployment
from queueproof.errors import NotAssessed
from queueproof.history import History
from queueproof.load import target_under_load
from queueproof.reporting.model import LEFT_BEHIND
from queueproof.targets.contracts import contract_named
from queueproof.targets.witness import Witness

from .test_runs import config, scenario

URL = "http://127.0.0.1:1"
TOLD = ["removed what an earlier run had left: flow 'old'", f"{LEFT_BEHIND}flow 'new' (DELETE /x)"]


class Stubborn:
    """A target that lets its flows be made and not be removed."""

    contract = "langflow"
    version = "1"

    def __init__(self) -> None:
        self.left_behind: tuple[str, ...] = ()
        self.tidied = 0

    async def prepare(self, _: Any, **__: Any) -> None:
        """A flow is made."""
        self.left_behind = ("flow 'new' (DELETE /x)",)

    async def remove_leftovers(self, _: Any) -> tuple[str, ...]:
        """There was one."""
        return ("flow 'old'",)

    async def tidy(self, _: Any) -> None:
        """Refused."""
        self.tidied += 1

    async def request_template(self, *_: Any) -> Any:
        """Nothing of it is looked at."""
        return None


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Stubborn:
    """The target of both kinds of runs."""
    stubborn = Stubborn()

    @asynccontextmanager
    async def stack(target: Any, **_: Any) -> AsyncIterator[Any]:
        yield SimpleNamespace(
            leftovers=(), target=target, view=None, redis=SimpleNamespace(view=None), crew=()
        )

    contract = replace(contract_named("langflow"), adapter=lambda *_, **__: stubborn)
    monkeypatch.setattr(chaos_deployment, "open_chaos_stack", stack)
    monkeypatch.setattr(chaos_deployment, "make_adapter", lambda *_: stubborn)
    monkeypatch.setattr(target_under_load, "contract_named", lambda _: contract)
    return stubborn


def deployment(tmp_path: Path) -> Any:
    given = config(tmp_path)
    return replace(given, embedded=False, target=replace(given.target, urls=(URL,), launch=None))


async def opened(notes: list[str], tmp_path: Path) -> None:
    history = History()
    opening = chaos_deployment.open_deployment(
        deployment(tmp_path), scenario(), history=history, witness=Witness(history), notes=notes
    )
    async with opening:
        pass


def test_a_scenario_tells_what_was_left_and_what_stays(adapter: Stubborn, tmp_path: Path) -> None:
    """On a deployment, which goes on living."""
    notes: list[str] = []

    asyncio.run(opened(notes, tmp_path))

    assert notes == TOLD


def test_a_scenario_that_cannot_be_asked_tidies_too(
    adapter: Stubborn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made before that is removed, or told."""
    notes: list[str] = []

    async def unknown(system: Any) -> None:
        raise NotAssessed("nobody knows whose keys these are")

    monkeypatch.setattr(chaos_deployment, "_loses_keys", lambda _: True)
    monkeypatch.setattr(chaos_deployment, "_learn_keys", unknown)

    with pytest.raises(NotAssessed):
        asyncio.run(opened(notes, tmp_path))

    assert adapter.tidied
    assert notes == TOLD


def test_a_load_run_tells_the_same(adapter: Stubborn, tmp_path: Path) -> None:
    """Its notes are complete once the target is closed."""

    async def play() -> list[str]:
        async with target_under_load.open_target_under_load(deployment(tmp_path), ()) as under_load:
            assert under_load.notes == TOLD[:1]
        return under_load.notes

    assert asyncio.run(play()) == TOLD
