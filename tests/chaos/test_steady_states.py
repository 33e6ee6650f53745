"""Steady states over the target's own metrics: how they are declared and judged."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from queueproof import paths
from queueproof.chaos import metric_watch
from queueproof.chaos.judging import unasked_of
from queueproof.chaos.outcome import entry_of
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import scenario_from
from queueproof.checkers.findings import Finding, Status
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import AFTER, DURING, RECOVERY
from queueproof.checkers.steady_states import LOOK, check_steady_states, told_of_steady_states
from queueproof.errors import UsageError
from queueproof.history import Operation
from queueproof.reporting.outages import sentences_of
from queueproof.targets.contracts import embedded_target
from queueproof.verdicts import Verdict

from .histories import frame
from .monitoring_server import LENGTH, NOWHERE, Monitoring
from .monitoring_server import monitoring as monitoring
from .test_runs import HURRIED, Quiet, config, scenario, short_plan
from .test_scenarios import DECLARED

# -- what is declared ------------------------------------------------------------------------


def test_every_series_is_within_the_bounds() -> None:
    both = replace(LENGTH, at_least=1.0)

    assert (LENGTH.worst([3.0, 30.0]), both.worst([9.0, 0.0, 2.0])) == (30.0, 0.0)
    assert [both.holds(value) for value in (0.0, 1.0, 10.0, 11.0)] == [False, True, True, False]
    assert both.wanted == "at least 1 and at most 10"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"query": "up"}, "give at_most, at_least"),
        ({"at_most": 1}, "query is missing"),
        ({"query": "up", "at_most": "1"}, "number"),
        ({"query": "up", "most": 1}, "did you mean"),
    ],
)
def test_a_wrong_steady_state_is_refused(state: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        scenario_from({**DECLARED, "steady_state": [state]}, where="own.toml")


def test_without_a_prometheus_it_is_not_assessed_and_elsewhere_no_matter() -> None:
    target = embedded_target("langflow")
    stated = scenario(steady_state=[{"query": "up", "at_least": 1}])

    assert "[target] prometheus" in unasked_of(target, stated)["RESI-012"]
    assert "RESI-012" not in unasked_of(target, scenario())
    assert "RESI-012" not in unasked_of(replace(target, prometheus=NOWHERE), stated)


def test_the_documented_scenario_is_one() -> None:
    text = (paths.root() / "docs" / "chaos.md").read_text("utf-8").partition("## Steady states")[2]
    block = tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])

    stated = scenario_from(block["scenario"][0], where="docs/chaos.md")

    assert [state.lag_s for state in stated.steady_state] == [30.0, 75.0]


# -- what is judged --------------------------------------------------------------------------


def look(at_s: float, value: float | None) -> Operation:
    """A look at a queue's length, of which at most 10 is wanted."""
    operation = Operation(
        number=0, case="c", kind=LOOK, job=None, worker=None, invoked_s=at_s, ended_s=at_s
    )
    operation.detail = LENGTH.query
    operation.facts = {"wanted": LENGTH.wanted, "lag_s": 5.0}
    if value is None:
        operation.facts["trouble"] = "nobody answers"
    else:
        operation.facts |= {"value": value, "held": LENGTH.holds(value)}
    return operation


def judged(*looks: tuple[float, float | None]) -> list[Finding]:
    """The frame's fault is healed, and the steady state is to hold again after `BOUND_S`."""
    return check_steady_states(read_story([*frame(), *(look(*each) for each in looks)]))


STORY = read_story(frame())
HEALED_S = STORY.healed_s
BOUND_S = HEALED_S + STORY.timings["recovery_s"] + 5.0
HELD, DOUBTFUL, BROKEN = Status.HELD, Status.DOUBTFUL, Status.BROKEN


@pytest.mark.parametrize(
    ("looks", "status"),
    [
        ([(0.5, 3.0), (HEALED_S + 1, 3.0)], HELD),
        ([(0.5, 3.0), (HEALED_S + 1, 99.0), (BOUND_S - 1, 4.0)], HELD),
        ([(0.5, 3.0), (HEALED_S + 1, 99.0), (BOUND_S + 1, 99.0)], BROKEN),
        ([(0.5, 3.0), (BOUND_S + 1, 99.0), (BOUND_S + 9, 3.0)], BROKEN),
        ([(0.5, 3.0), (HEALED_S + 1, 3.0), (BOUND_S + 9, 99.0)], BROKEN),
        ([(0.5, 3.0), (HEALED_S + 1, 3.0), (BOUND_S + 1, 99.0), (BOUND_S + 9, 3.0)], HELD),
        ([(0.5, 3.0), (HEALED_S + 1, 99.0)], DOUBTFUL),
        ([(0.5, 3.0), (HEALED_S + 1, None), (BOUND_S + 1, None)], DOUBTFUL),
        ([(0.5, 3.0), (BOUND_S + 1, None), (BOUND_S + 9, 3.0)], HELD),
        ([(0.5, 99.0), (BOUND_S + 1, 99.0)], DOUBTFUL),
        ([(0.5, None), (BOUND_S + 1, 99.0)], DOUBTFUL),
        ([(HEALED_S + 1, 99.0), (BOUND_S + 1, 99.0)], DOUBTFUL),
    ],
    ids=[
        "held all the time",
        "again within the bound",
        "never again",
        "again too late",
        "again, and not in the end",
        "out for a while",
        "not watched for long enough",
        "monitoring lost in the outage",
        "no value for a while",
        "not before either",
        "no value before",
        "never looked at before",
    ],
)
def test_a_steady_state_holds_again_within_the_bound_and_in_the_end(
    looks: list[tuple[float, float | None]], status: Status
) -> None:
    found = judged(*looks)

    assert max((each.status for each in found), key=[HELD, DOUBTFUL, BROKEN].index) is status


def test_what_is_wrong_is_told_with_value_bound_and_time() -> None:
    [_, wrong] = judged((0.5, 3.0), (BOUND_S + 1, 99.0))

    assert wrong.expected.startswith("max(queue_length): at most 10 within ")
    assert wrong.actual == f"99 {BOUND_S + 1 - HEALED_S:.0f} s after the outage"
    [doubt] = judged((0.5, None))
    assert doubt.actual == "max(queue_length): nobody answers"


def test_what_was_seen_is_told_in_a_line() -> None:
    looks = [look(0.5, 3.0), look(HEALED_S - 0.1, 250.0), look(BOUND_S, 2.0)]
    told = told_of_steady_states(read_story([*frame(), *looks]))

    assert told == [
        "max(queue_length), at most 10: 3 before the fault, 250 when it ended, 2 in the end"
    ]
    assert ("Steady state", told[0]) in sentences_of({"steady_state": told})


# -- whole outages ---------------------------------------------------------------------------


class Reacting(Quiet):
    """The queue's length follows the outage: what it is in which phase."""

    def __init__(self, monitoring: Monitoring, lengths: dict[str, str]) -> None:
        super().__init__()
        self._monitoring, self._lengths = monitoring, lengths
        monitoring.tell("0")

    def phase(self, name: str, phase: str) -> None:
        super().phase(name, phase)
        if phase in self._lengths:
            self._monitoring.tell(self._lengths[phase])


@pytest.mark.parametrize(
    ("lengths", "verdict"),
    [
        ({DURING: "99", RECOVERY: "3"}, Verdict.PASSED),
        ({DURING: "99"}, Verdict.FAILED),
        ({DURING: "99", RECOVERY: "3", AFTER: "NaN"}, Verdict.PASSED),
        ({DURING: "NaN"}, Verdict.INCONCLUSIVE),
    ],
    ids=["recovers", "stays out of bounds", "told no more in the end", "told no more"],
)
def test_an_outage_is_judged_by_the_steady_state_that_it_states(
    lengths: dict[str, str],
    verdict: Verdict,
    monitoring: Monitoring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metric_watch, "_EVERY_S", 0.05)
    made = config(tmp_path, **HURRIED)
    made = replace(made, target=replace(made.target, prometheus=monitoring.url))
    stated = scenario(steady_state=[{"query": LENGTH.query, "at_most": 10, "lag_s": 0.5}])
    run = ChaosRun(made, Reacting(monitoring, lengths))

    run.play([Part(scenario=stated, name="CHAOS-999", plan=short_plan())])

    result = run.results["CHAOS-999"]
    [judged] = [each for each in result.judgements if each.requirement == "RESI-012"]
    assert judged.verdict is verdict, judged
    assert entry_of(result)["steady_state"][0].startswith("max(queue_length), at most 10: 0 before")


def test_no_fault_is_injected_where_the_steady_state_does_not_hold_to_begin_with(
    monitoring: Monitoring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_watch, "_EVERY_S", 0.05)
    made = config(tmp_path, **HURRIED)
    made = replace(made, target=replace(made.target, prometheus=monitoring.url))
    stated = scenario(steady_state=[{"query": LENGTH.query, "at_most": 10, "lag_s": 0}])
    run = ChaosRun(made, Quiet())
    monitoring.tell("99")

    run.play([Part(scenario=stated, name="CHAOS-999", plan=short_plan())])

    result = run.results["CHAOS-999"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "no steady state before the fault: max(queue_length) is 99" in result.reason
    assert not [each for each in run.history.operations if each.kind == "fault"]
