"""How much is played at once: gates and outages beside each other, then gates alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from queueproof.verdicts import Verdict
from tests.faulty import playing
from tests.faulty.catalogue import Kind, Variant
from tests.faulty.judging import Played
from tests.faulty.playing import Plan, completed, play_all, played_of

TOLD = {"actual": "", "reason": ""}
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

    asyncio.run(
        play_all(
            asked,
            PLAN,
            started=lambda _: None,
            finished=lambda *_: None,
            postponed=lambda *_: None,
        )
    )

    assert most == Counter({False: 2, True: 1})
    assert most_after == 3


def test_what_could_not_be_judged_is_asked_once_more_when_the_rest_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = replace(variant(1), fails=frozenset({"POLL-003"}))
    calm = replace(variant(2), fails=frozenset({"POLL-003"}))
    runs: list[tuple[str, Path]] = []
    asked: list[tuple[str, ...]] = []
    told: dict[str, Played] = {}

    async def play(variant: Variant, requirements: Sequence[str], plan: Plan) -> Played:
        runs.append((variant.name, plan.out))
        asked.append(tuple(requirements))
        if len(runs) > 1:
            return Played(verdicts=dict.fromkeys(requirements, Verdict.FAILED))
        verdicts = {"POLL-001": Verdict.PASSED, "POLL-003": Verdict.INCONCLUSIVE}
        return Played(verdicts=verdicts, actuals={"POLL-003": "nothing to judge"})

    def finished(variant: Variant, played: Played) -> None:
        told[variant.name] = played

    postponed: list[tuple[str, frozenset[str]]] = []
    monkeypatch.setattr(playing, "play", play)
    asyncio.run(
        play_all(
            [(broken, ("POLL-001", "POLL-003")), (calm, ("POLL-003",))],
            PLAN,
            started=lambda _: None,
            finished=finished,
            postponed=lambda variant, ids: postponed.append((variant.name, ids)),
        )
    )

    assert [name for name, _ in runs] == ["v1", "v2", "v1"]
    assert runs[0][1] != runs[2][1], "the first run's evidence is kept"
    assert postponed == [("v1", frozenset({"POLL-003"}))]
    assert asked[2] == ("POLL-003",), "the rest was judged"
    assert told["v1"].verdicts == {"POLL-001": Verdict.PASSED, "POLL-003": Verdict.FAILED}
    assert told["v1"].actuals == {}
    assert told["v1"].left_open == {"POLL-003"}
    assert told["v2"].left_open == frozenset()


def test_what_failed_once_has_failed_whatever_a_later_run_says() -> None:
    """A second run is made for the case that was in doubt, and may meet another moment."""
    first = Played(
        verdicts={"SUBM-007": Verdict.FAILED},
        actuals={"SUBM-007": "three missing"},
        cases={"one by one": Verdict.FAILED, "a burst": Verdict.INCONCLUSIVE},
        duration_s=3.0,
    )
    second = Played(
        verdicts={"SUBM-007": Verdict.INCONCLUSIVE},
        actuals={"SUBM-007": "too busy"},
        cases={"one by one": Verdict.INCONCLUSIVE, "a burst": Verdict.FAILED},
        duration_s=2.0,
    )

    both = completed(first, second, frozenset({"SUBM-007"}))

    assert both.verdicts == {"SUBM-007": Verdict.FAILED}
    assert both.actuals == {"SUBM-007": "three missing"}
    assert both.cases == {"one by one": Verdict.FAILED, "a burst": Verdict.FAILED}
    assert both.duration_s == 5.0


def test_a_requirement_is_doubted_by_one_case_that_was_inconclusive() -> None:
    """Its own verdict may be another."""
    cases = [{"id": "a", "verdict": "failed"}, {"id": "b", "verdict": "inconclusive"}]
    rows = [
        {"id": "SUBM-007", "verdict": "failed", "cases": [told | TOLD for told in cases]},
        {"id": "SUBM-008", "verdict": "passed", "cases": [{"id": "c", "verdict": "passed"} | TOLD]},
    ]

    assert played_of({"requirements": rows}, duration_s=1.0).doubted == {"SUBM-007"}
