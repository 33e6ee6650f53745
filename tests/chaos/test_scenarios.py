"""Declared scenarios, the plans made of them, and recorded schedules."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from queueproof.chaos.judging import judge
from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.plan import Plan, make_plan, plan_from
from queueproof.chaos.replay import TIMES, Conclusion, conclude
from queueproof.chaos.scenario import (
    Scenario,
    choose,
    duration_s,
    load_scenarios,
    read_scenarios,
    scenario_from,
)
from queueproof.chaos.schedule import Schedule, read_schedule, write_schedules
from queueproof.chaos.sweep import parse_cells
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, RECOVERY
from queueproof.config.model import Timings
from queueproof.config.promises import Promises
from queueproof.errors import UsageError
from queueproof.faults.catalogue import check_spec
from queueproof.history import Operation
from queueproof.running.strain import Strain
from queueproof.verdicts import Verdict

from .histories import end, frame, op, stream, submit, ticks, work

DECLARED: dict[str, Any] = {
    "id": "CHAOS-999",
    "title": "A fault",
    "verifies": "Something.",
    "faults": [{"fault": "down"}],
}
SCENARIOS = load_scenarios()
PROMISES = Promises(redelivery_s=8.0)


def test_there_are_at_least_thirty_scenarios() -> None:
    assert len(SCENARIOS) >= 30


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_every_declared_fault_is_one_that_exists(scenario: Scenario) -> None:
    for spec in scenario.faults:
        check_spec(spec)
    assert scenario.verifies.endswith(".")
    assert scenario.lasts_s(Timings(), PROMISES) > 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "CHAOS-1"}, "looks like CHAOS-007"),
        ({"costs": "lives"}, "costs must be one of"),
        ({"faults": []}, "faults is empty"),
        ({"faults": ["down"]}, "must be a table"),
        ({"jobs": "outlasting", "needs": ["redelivery"]}, "faults is empty where"),
        ({"jobs": "outlasting", "faults": []}, "`needs`"),
        ({"lasts": "1e999 answer_s"}, "no duration"),
        ({"lasts": float("nan")}, "must be a number"),
        ({"replicas": 0}, "at least 1"),
        ({"settings": ["A"]}, "must be a table"),
        ({"affected_replicas": [2]}, "does not have"),
        ({"lasts": "two minutes"}, "no duration"),
        ({"lasts": "2 stale_treshold_s"}, "no duration"),
        ({"last": 2.0}, "did you mean lasts"),
        ({"every_worker": True}, "no replica named"),
        (
            {"every_worker": True, "needs": ["worker programs"], "affected_replicas": [1]},
            "no replica named",
        ),
        (
            {
                "every_worker": True,
                "needs": ["worker programs"],
                "faults": [{"fault": "down", "replicas": [1]}],
            },
            "no replica named",
        ),
    ],
)
def test_a_wrong_declaration_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        scenario_from({**DECLARED, **change}, where="own.toml")


def test_all_workers_are_all_that_the_target_has() -> None:
    [scenario] = choose(SCENARIOS, ["CHAOS-203"])
    reached = scenario.reaching((1, 2, 3))

    assert [spec["replicas"] for spec in reached.faults] == [[1, 2, 3]]
    assert reached.affected_replicas == (1, 2, 3)
    for spec in reached.faults:
        check_spec(spec)
    [one] = choose(SCENARIOS, ["CHAOS-201"])
    assert one.reaching((1, 2, 3)) is one


def test_a_declaration_that_lacks_something_is_refused() -> None:
    with pytest.raises(UsageError, match="faults is missing"):
        scenario_from({k: v for k, v in DECLARED.items() if k != "faults"}, where="own.toml")


def test_a_file_that_is_no_scenario_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[[scenarios]]\n")

    with pytest.raises(UsageError, match="did you mean scenario"):
        read_scenarios(path)


def test_an_id_is_declared_once(tmp_path: Path) -> None:
    table = '[[scenario]]\nid="CHAOS-999"\ntitle="t"\nverifies="v."\nfaults=[{fault="down"}]\n'
    (tmp_path / "own.toml").write_text(table * 2)

    with pytest.raises(UsageError, match="declared twice"):
        load_scenarios(tmp_path)


def test_an_unknown_scenario_is_refused_with_a_hint() -> None:
    with pytest.raises(UsageError, match="did you mean"):
        choose(SCENARIOS, ["CHAOS-0O1"])


def test_a_duration_may_be_a_multiple_of_a_declared_timing() -> None:
    assert duration_s("0.5 stale_threshold_s", Timings(stale_threshold_s=8.0)) == 4.0
    assert duration_s(3, Timings()) == 3.0


def test_a_plan_covers_every_phase_and_cancels_in_each_that_hurts() -> None:
    plan = make_plan(SCENARIOS[0], lasts_s=3.0, seed=1)

    assert {errand.phase for errand in plan.errands} == {BEFORE, DURING, RECOVERY, AFTER}
    assert {DURING, RECOVERY, AFTER} <= {errand.cancel_in for errand in plan.errands}
    assert {errand.via for errand in plan.errands} == {0, 1}
    assert {errand.read for errand in plan.errands} == {"poll", "stream"}


@pytest.mark.parametrize("declared", SCENARIOS, ids=lambda scenario: scenario.id)
def test_in_every_plan_a_job_ends_while_the_fault_lasts(declared: Scenario) -> None:
    """Else nothing tells whether last words survive the outage that they fall into."""
    timings = Timings(startup_grace_s=2.0, stale_threshold_s=5.0)
    lasts_s = declared.lasts_s(timings, PROMISES)
    plan = make_plan(declared, lasts_s=lasts_s, seed=1)

    for via in range(declared.replicas):
        ends = [
            errand.at_s + errand.probe.duration_s
            for errand in plan.errands
            if errand.phase == BEFORE and not errand.cancel_in and errand.via == via
        ]
        assert any(plan.steady_s < end < plan.steady_s + lasts_s for end in ends)


def test_one_seed_makes_one_plan() -> None:
    plans = [make_plan(SCENARIOS[0], lasts_s=3.0, seed=seed) for seed in (1, 1, 2)]

    assert plans[0] == plans[1] != plans[2]


# -- schedules and replays -----------------------------------------------------------------


def result(*operations: Operation, plan: Plan | None = None, **rest: Any) -> ScenarioResult:
    """A judged scenario of these operations."""
    every = [*frame(), *operations]
    return ScenarioResult(
        name="CHAOS-999-replay-1",
        scenario=scenario_from(DECLARED, where="here"),
        plan=plan or make_plan(SCENARIOS[0], lasts_s=3.0, seed=1),
        judgements=judge(every),
        outage=read_story(every),
        confirmation=("it bit",),
        **rest,
    )


WHOLE = (
    submit(1.0),
    stream(1.2, [*ticks(0, 1, 2, 3, from_s=2.0), end(6.0)]),
    work(0, 1, 2, 3, from_s=2.0),
)
TWICE = (*WHOLE[:2], work(0, 1, 2, 3, 0, 1, 2, 3, from_s=2.0))
RECORDED = Schedule(
    plan=make_plan(SCENARIOS[0], lasts_s=3.0, seed=1), failing=("RESI-002",), evidence={7: True}
)


def test_a_recorded_schedule_is_read_back(tmp_path: Path) -> None:
    failed = result(*TWICE)

    write_schedules({"CHAOS-999": failed}, tmp_path)
    read = read_schedule(tmp_path / "schedules" / "CHAOS-999.json")

    assert read.plan == failed.plan
    assert read.failing == ("RESI-002", "RESI-008")
    assert read.evidence == {7: True}


def test_a_job_that_is_run_again_breaks_no_promise_of_at_least_once() -> None:
    """Whoever promises to run a job at least once is not held to once; all else is judged."""
    every = [*frame(), *TWICE]
    once = {one.requirement: one.verdict for one in judge(every)}
    again = judge(every, at_least_once=True)

    assert once["RESI-002"] is Verdict.FAILED
    assert {one.requirement: one.verdict for one in again} == {
        **once,
        "RESI-002": Verdict.NOT_ASSESSED,
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schedule_version": 2}'])
def test_what_is_no_schedule_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)

    with pytest.raises(UsageError, match="--replay"):
        read_schedule(path)


def test_a_schedule_with_a_wrong_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"schedule_version": 1, "plan": {"errands": [{"number": 1}]}}))

    with pytest.raises(UsageError, match="not a recorded schedule"):
        read_schedule(path)
    with pytest.raises(UsageError):
        plan_from({})


def test_one_failing_replay_is_enough() -> None:
    conclusion, _ = conclude(RECORDED, [result(*WHOLE), result(*TWICE), result(*WHOLE)])

    assert conclusion is Conclusion.STILL_FAILS


def test_fixed_needs_every_replay_to_pass() -> None:
    good = [result(*WHOLE)] * TIMES

    assert conclude(RECORDED, good)[0] is Conclusion.FIXED
    assert conclude(RECORDED, good[:-1])[0] is Conclusion.NOT_REPRODUCED


def test_an_unconfirmed_fault_reproduces_nothing() -> None:
    conclusion, why = conclude(RECORDED, [result(*WHOLE, doubt="nobody was there")] * TIMES)

    assert conclusion is Conclusion.NOT_REPRODUCED
    assert "nobody was there" in why


def test_other_circumstances_reproduce_nothing() -> None:
    refused = result(*WHOLE[1:], submit(1.0, job=None, status=503), op("work", 30.0))
    refused = replace(refused, judgements=result(*WHOLE).judgements)

    conclusion, why = conclude(RECORDED, [refused] * TIMES)

    assert conclusion is Conclusion.NOT_REPRODUCED
    assert "not accepted now" in why


# -- verdicts ------------------------------------------------------------------------------


def test_a_fault_without_proven_effect_makes_the_scenario_inconclusive() -> None:
    assert result(*WHOLE).verdict is Verdict.PASSED
    assert result(*WHOLE, doubt="nothing was cut").verdict is Verdict.INCONCLUSIVE
    assert result(*TWICE, doubt="nothing was cut").verdict is Verdict.FAILED


def test_a_starved_harness_accuses_nobody() -> None:
    assert result(*TWICE).verdict is Verdict.FAILED
    assert result(*TWICE, starvation=Strain(lag_s=1.5)).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("word", ["cut-after", "0-cut-after", "3-cut", "3"])
def test_a_wrong_cell_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="write it like"):
        parse_cells([word])


def test_a_cell_is_named_as_the_table_names_it() -> None:
    [cell] = parse_cells(["12-cut-after"])

    assert (cell.nth, cell.stroke.name) == (12, "cut-after")
