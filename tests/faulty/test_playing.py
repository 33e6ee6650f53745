"""How much is played at once: gates and outages beside each other, then gates alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faulty import playing
from tests.faulty.catalogue import Kind, Variant
from tests.faulty.judging import Played
from tests.faulty.playing import Plan, play_all

PLAN = Plan(contract="langflow", out=Path("nowhere"), at_once=2, outages_at_once=1, seed=1)


def variant(number: int, scenario: str = "") -> Variant:
    return Variant(name=f"v{number}", kind=Kind.FAULTY, incident="seen", scenario=scenario)


def test_gates_inherit_the_places_of_outages_that_are_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    under_way: Counter[bool] = Counter()
    most: Counter[bool] = Counter()
    most_after = 0
    outages_left = 2

    async def play(variant: Variant, requirements: Sequence[str], plan: Plan) -> Played:
        nonlocal most_after, outages_left
        outage = bool(variant.scenario)
        under_way[outage] += 1
        await asyncio.sleep(0)
        if outages_left:
            most[outage] = max(most[outage], under_way[outage])
        else:
            most_after = max(most_after, under_way[False])
        await asyncio.sleep(0.01)
        under_way[outage] -= 1
        outages_left -= outage
        return Played()

    monkeypatch.setattr(playing, "play", play)
    asked = [(variant(n), ("POLL-003",)) for n in range(20)]
    asked += [(variant(n, "CHAOS-001"), ("RESI-001",)) for n in (20, 21)]

    asyncio.run(play_all(asked, PLAN, started=lambda _: None, finished=lambda *_: None))

    assert most == Counter({False: 2, True: 1})
    assert most_after == 3
