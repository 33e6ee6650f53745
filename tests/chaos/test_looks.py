"""Two looks at an outage: what a starved harness saw is asked again, and never lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from queueproof.chaos.judging import judge
from queueproof.chaos.outcome import ScenarioResult, case_of, settled
from queueproof.chaos.report import result_of
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import scenario_from
from queueproof.chaos.sweep import CellResult, Sweep, parse_cells
from queueproof.chaos.sweep import settled as settled_cell
from queueproof.checkers.history_parser import read_story
from queueproof.config.model import RunConfig
from queueproof.history import History
from queueproof.running.run_folder import RunFolder
from queueproof.running.strain import Strain
from queueproof.targets.contracts import embedded_target
from queueproof.verdicts import Verdict

from .histories import frame
from .test_scenarios import DECLARED, TWICE, WHOLE

BUSY, LATE = Strain(waiting=0.9), Strain(lag_s=2.0)
PASSED, DOUBT, FAILED = Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED
SCENARIO = scenario_from(DECLARED, where="here")


def look(operations: Any, starvation: Strain = Strain()) -> ScenarioResult:  # noqa: B008
    return ScenarioResult(
        name="CHAOS-999",
        scenario=SCENARIO,
        judgements=judge([*frame(), *operations]),
        outage=read_story([*frame(), *operations]),
        starvation=starvation,
    )


BROKEN_IN_DOUBT = look(TWICE, BUSY)
UNPLAYED = ScenarioResult(
    name="CHAOS-999", scenario=SCENARIO, failure=Verdict.INCONCLUSIVE, reason="no stack came up"
)


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        (look(TWICE), FAILED),
        (look(TWICE, BUSY), FAILED),
        (look(TWICE, LATE), DOUBT),
        (look(WHOLE), DOUBT),
        (look(WHOLE, BUSY), DOUBT),
        (UNPLAYED, DOUBT),
    ],
    ids=["broken", "broken, busy", "broken, late", "held", "held, busy", "unplayed"],
)
def test_a_second_look_settles_what_it_sees_again_and_loses_nothing_else(
    second: ScenarioResult, verdict: Verdict
) -> None:
    assert settled(BROKEN_IN_DOUBT, second).verdict is verdict


def told(result: ScenarioResult) -> str:
    [judgement] = [j for j in result.judgements if j.requirement == "RESI-002"]
    return case_of(result, judgement).reason


@pytest.mark.parametrize("second", [look(WHOLE), look(TWICE, LATE), UNPLAYED])
def test_both_looks_are_told(second: ScenarioResult) -> None:
    reason = told(settled(BROKEN_IN_DOUBT, second))

    assert "done more than once" in reason
    assert "second look" in reason


def test_what_a_second_look_alone_sees_is_judged_like_any_first_one() -> None:
    first = look(WHOLE, BUSY)

    assert settled(first, look(TWICE)).verdict is FAILED
    assert settled(first, look(TWICE, BUSY)).verdict is DOUBT


class Prepared(ChaosRun):
    """A run whose looks are prepared: each part's results in their order."""

    looks: dict[str, list[ScenarioResult]]
    played: list[str]

    async def _result(self, part: Part, *_: Any) -> ScenarioResult:
        self.played.append(part.name)
        return self.looks[part.name.removesuffix("-again")].pop(0)


def played(tmp_path: Path, *looks: ScenarioResult) -> tuple[Prepared, Any]:
    config = RunConfig(target=embedded_target("langflow"), embedded=True, seed=1, out=tmp_path)
    run = Prepared(config, Silent())  # type: ignore[arg-type]
    run.looks, run.played = {"CHAOS-999": list(looks)}, []
    parts = [Part(scenario=SCENARIO, name="CHAOS-999")]
    run.play(parts)
    return run, result_of(run, parts, RunFolder(tmp_path))


class Silent:
    """Progress that nobody looks at."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_: None


def test_a_run_plays_again_what_a_starved_harness_saw_and_reports_both(tmp_path: Path) -> None:
    run, result = played(tmp_path, BROKEN_IN_DOUBT, look(WHOLE))

    assert run.played == ["CHAOS-999", "CHAOS-999-again"]
    assert list(run.results) == ["CHAOS-999"]
    assert (result.verdict, result.exit_code) == (DOUBT, 3)
    [row] = [row for row in result.requirements if row.id == "RESI-002"]
    assert row.verdict is DOUBT


@pytest.mark.parametrize("first", [look(TWICE), look(WHOLE, BUSY)])
def test_what_was_seen_in_calm_or_went_well_is_played_once(
    tmp_path: Path, first: ScenarioResult
) -> None:
    run, _ = played(tmp_path, first)

    assert run.played == ["CHAOS-999"]


def cell(operations: Any, starvation: Strain) -> CellResult:
    [each] = parse_cells(["12-cut-after"])
    return CellResult(
        cell=each, command="SET …", judgements=judge([*frame(), *operations]), starvation=starvation
    )


def test_a_starved_sweep_accuses_nobody_and_says_what_it_saw() -> None:
    starved = cell(TWICE, BUSY)

    assert (starved.verdict, starved.failing) == (DOUBT, [])
    assert any("done more than once" in line for line in starved.doubts())
    assert cell(TWICE, Strain()).verdict is FAILED


def test_a_sweeps_second_look_counts_as_a_scenarios_does() -> None:
    starved = cell(TWICE, BUSY)

    assert settled_cell(starved, cell(TWICE, BUSY)).verdict is FAILED
    assert settled_cell(starved, cell(WHOLE, Strain())).verdict is DOUBT
    unstruck = CellResult(cell=starved.cell, reason="the command did not come")
    assert settled_cell(starved, unstruck).verdict is DOUBT


class PreparedSweep(Sweep):
    """A sweep on no deployment at all, whose second look is prepared."""

    async def _one(self, *_: Any, **__: Any) -> CellResult:
        return cell(TWICE, BUSY)


def test_a_sweep_looks_again_at_starved_cells_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ground:
        async def __aenter__(self) -> Any:
            return self

        async def __aexit__(self, *_: object) -> None:
            return

    async def warmed(_: object) -> None:
        return

    monkeypatch.setattr("queueproof.chaos.sweep.warm_up", warmed)
    monkeypatch.setattr(PreparedSweep, "_deployment", lambda *_: Ground())
    config = RunConfig(target=embedded_target("langflow"), embedded=True, seed=1)
    sweep = PreparedSweep(config, History(), lambda _: None)
    sweep.results = [cell(WHOLE, BUSY), cell(TWICE, BUSY)]

    asyncio.run(sweep._look_again(None))  # type: ignore[arg-type]

    assert [result.verdict for result in sweep.results] == [PASSED, FAILED]
