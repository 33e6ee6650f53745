"""What is said where no way tells the workers apart."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from queueproof.config.model import TargetConfig
from queueproof.targets.fleet import Fleet
from queueproof.targets.protocol import Adapter
from queueproof.targets.ways import BESIDE_A_SERVER, NO_WAY, find_workers

from .fleets import ONE, ping


@pytest.mark.parametrize(
    ("contract", "because"),
    [
        ("langflow", f"the workers could not be told apart: {NO_WAY}"),
        # No login and no header would tell them: no connection leads to any of them.
        ("flowise", BESIDE_A_SERVER),
    ],
)
def test_without_a_way_it_is_said_what_would_be_one(contract: str, because: str) -> None:
    async def scenario() -> str:
        fleet = Fleet((ONE,), identifier=None, ping=ping)
        adapter = cast("Adapter", SimpleNamespace(operations=frozenset()))
        await find_workers(fleet, TargetConfig(contract=contract, urls=(ONE,)), adapter)
        await fleet.close()
        return fleet.unsorted_because

    assert asyncio.run(scenario()) == because
