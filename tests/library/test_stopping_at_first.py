"""`--stop-at-first` ends a run at its first failure, and at nothing less."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.progress import SilentChaos
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import load_scenarios, selected
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import HarnessError, Inconclusive, NotAssessed, UsageError, Violation
from queueproof.running.marks import CaseMark
from queueproof.running.plugin import ConformanceRun
from queueproof.running.progress import NullProgress
from queueproof.running.selection import STOPPED_AT_FIRST
from queueproof.running.strain import Strain
from queueproof.verdicts import Verdict

CASE: Any = SimpleNamespace(id="case", title="title", mark=CaseMark(requirement="POLL-003"))
VIOLATION = Violation(expected="this", actual="that")


def config(*, stop: bool) -> RunConfig:
    return RunConfig(target=TargetConfig(), embedded=True, stop_at_first=stop)


def stops(error: BaseException | None, *, stop: bool = True) -> list[str]:
    """Why a run stops after a case that ended so."""
    run, told = ConformanceRun(config(stop=stop), NullProgress()), list[str]()
    session: Any = SimpleNamespace(testsfailed=0, testscollected=0)
    run._rounds(session, told.append).finish(CASE, error, 1.0, Strain())
    return told


@pytest.mark.parametrize("error", [VIOLATION, HarnessError("ours")])
def test_a_failure_or_an_error_stops_a_gate(error: BaseException) -> None:
    assert stops(error) == [STOPPED_AT_FIRST]
    assert stops(error, stop=False) == []


@pytest.mark.parametrize("error", [None, NotAssessed("no access"), Inconclusive("who knows")])
def test_nothing_else_stops_it(error: BaseException | None) -> None:
    assert stops(error) == []


def test_a_failed_outage_stops_a_chaos_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those behind it are not played."""
    scenarios = load_scenarios()[:3]
    run = ChaosRun(config(stop=True), SilentChaos(), at_once=1)

    async def failed(part: Part, *_: object) -> ScenarioResult:
        return ScenarioResult(name=part.name, scenario=part.scenario, failure=Verdict.FAILED)

    monkeypatch.setattr(run, "_result", failed)
    run.play([Part(scenario=one, name=one.id) for one in scenarios])

    assert list(run.results) == [scenarios[0].id]
    assert run.interrupted == STOPPED_AT_FIRST


def test_outages_are_left_out_and_split() -> None:
    scenarios = load_scenarios()[:5]
    ids = [one.id for one in scenarios]

    assert [one.id for one in selected(scenarios, (), without=ids[:2])] == ids[2:]
    parts = [selected(scenarios, (), shard=(number, 2)) for number in (1, 2)]
    assert sorted(one.id for part in parts for one in part) == sorted(ids)
    with pytest.raises(UsageError, match="no scenario is left"):
        selected(scenarios, ids[:1], without=ids[:1])
