"""Whole chaos runs on the embedded reference, and what stops them."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console
from typer.testing import CliRunner

from queueproof.chaos import run as run_module
from queueproof.chaos import scenario_run
from queueproof.chaos.deployment import Deployment
from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.plan import Errand, Plan
from queueproof.chaos.report import longest_first, run_chaos
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import Scenario, load_scenarios, scenario_from
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING
from queueproof.cli.main import app
from queueproof.config.model import RunConfig
from queueproof.errors import NotAssessed, UsageError
from queueproof.reporting import json_report
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.contracts import embedded_target
from queueproof.verdicts import ExitCode, Verdict

HURRIED = {
    "answer_s": 1.5,
    "outage_answer_s": 4.0,
    "owner_death_s": 1.0,
    "recovery_s": 2.0,
    "cancel_effect_s": 1.0,
}


def scenario(**changes: Any) -> Scenario:
    """Pub/sub connections are killed, which hurts nobody for long."""
    declared = {
        "id": "CHAOS-999",
        "title": "Every pub/sub connection is killed",
        "verifies": "Jobs go on.",
        "faults": [{"fault": "kill_clients", "kind": "pubsub"}],
        "lasts": 0.5,
        "steady_s": 0.5,
    }
    return scenario_from({**declared, **changes}, where="here")


def config(tmp_path: Path, **timings: float) -> RunConfig:
    target = embedded_target("langflow")
    target = replace(target, timings=replace(target.timings, **timings))
    return RunConfig(target=target, embedded=True, seed=1, out=tmp_path)


def errand(number: int, phase: str, read: str) -> Errand:
    return Errand(
        number=number,
        phase=phase,
        at_s=0.0,
        via=number % 2,
        read=read,
        read_via=0,
        ticks=4,
        interval_s=0.1,
    )


def short_plan() -> Plan:
    """A job before, one during the fault, one after it."""
    errands = (errand(0, BEFORE, "stream"), errand(1, DURING, "poll"), errand(2, AFTER, "stream"))
    return Plan(scenario="CHAOS-999", seed=1, steady_s=0.6, lasts_s=0.5, errands=errands)


class Quiet:
    """A progress that tells nothing, and remembers the phases."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def started(self, name: str, scenario: Scenario) -> None:
        """Nothing."""

    def phase(self, name: str, phase: str) -> None:
        """Remember."""
        self.phases.append(f"{name} {phase}")

    def finished(self, name: str, result: ScenarioResult) -> None:
        """Nothing."""


class Sabotage:
    """A fault of the test's own: `deed` happens, and healing undoes nothing."""

    name = "sabotage"

    def __init__(self, stack: ChaosStack) -> None:
        self.stack = stack

    async def apply(self) -> None:
        """The deed."""
        raise NotImplementedError

    async def confirm(self) -> str:
        """It is certain."""
        return "done"

    async def heal(self) -> None:
        """Nothing is undone."""


class RedisGone(Sabotage):
    """Redis stops and never comes back."""

    async def apply(self) -> None:
        """Stop it."""
        assert self.stack.redis.server is not None
        self.stack.redis.expected_up = False
        await self.stack.redis.server.stop()


class ToxiproxyGone(Sabotage):
    """Toxiproxy is killed by somebody else."""

    async def apply(self) -> None:
        """Kill it."""
        for child in psutil.Process().children(recursive=True):
            if "toxiproxy" in child.name() or child.name() == "server":
                child.kill()
                await asyncio.to_thread(child.wait, 5)


class SlowToApply(Sabotage):
    """A fault that a busy machine, or a distant one, takes longer to apply than it lasts."""

    async def apply(self) -> None:
        """It takes its time."""
        await asyncio.sleep(1.5)


def run_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sabotage: type[Sabotage]) -> ChaosRun:
    """A short scenario, played, whose fault is a sabotage."""

    def make(spec: Mapping[str, Any], stack: ChaosStack) -> Sabotage:
        return sabotage(stack)

    monkeypatch.setattr(scenario_run, "make_fault", make)
    run = ChaosRun(config(tmp_path, **HURRIED), Quiet())
    run.play([Part(scenario=scenario(), name="CHAOS-999", plan=short_plan())])
    return run


def played(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sabotage: type[Sabotage]
) -> ScenarioResult:
    """The result of a short scenario whose fault is a sabotage."""
    return run_with(monkeypatch, tmp_path, sabotage).results["CHAOS-999"]


def test_outages_that_may_lose_jobs_come_first() -> None:
    """Their clients hope the longest, and should not do so alone at the end."""
    by_id = {one.id: one for one in load_scenarios()}
    names = ("CHAOS-213", "CHAOS-211", "CHAOS-212", "CHAOS-201")
    parts = [Part(scenario=by_id[name], name=name) for name in names]

    config = RunConfig(target=embedded_target("generic"), embedded=True)

    ordered = [part.name for part in longest_first(parts, config)]

    assert set(ordered[:2]) == {"CHAOS-201", "CHAOS-212"}
    assert ordered[2:] == ["CHAOS-211", "CHAOS-213"]


def test_a_target_that_never_recovers_fails_in_bounded_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No service within the bound is a verdict, not a hang."""
    result = played(monkeypatch, tmp_path, RedisGone)

    assert result.verdict is Verdict.FAILED
    assert "RESI-007" in result.failing


def test_outages_side_by_side_start_their_targets_one_after_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Programs that start would take processors away from what is judged meanwhile."""
    starting, at_most = 0, []

    @asynccontextmanager
    async def opening(*_: Any, **__: Any) -> AsyncIterator[None]:
        nonlocal starting
        starting += 1
        at_most.append(starting)
        await asyncio.sleep(0.1)
        starting -= 1
        raise NotAssessed("nothing to be played")
        yield

    monkeypatch.setattr(run_module, "open_deployment", opening)
    run = ChaosRun(config(tmp_path), Quiet(), at_once=3)
    run.play([Part(scenario=scenario(), name=f"CHAOS-99{number}") for number in range(3)])

    assert at_most == [1, 1, 1]


def test_a_harness_that_starved_while_a_target_started_is_no_doubt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is judged before it serves."""
    real = run_module.open_deployment

    @asynccontextmanager
    async def after_starving(*of: Any, **more: Any) -> AsyncIterator[Deployment]:
        await asyncio.sleep(0.2)
        time.sleep(2.0)  # noqa: ASYNC251
        async with real(*of, **more) as deployment:
            yield deployment

    monkeypatch.setattr(run_module, "open_deployment", after_starving)
    run = ChaosRun(config(tmp_path), Quiet())
    run.play([Part(scenario=scenario(), name="CHAOS-999", plan=short_plan())])

    assert run.results["CHAOS-999"].starvation.lag_s < 1.5
    assert run._lag.since(0.0).lag_s >= 1.5


def test_clients_of_an_outage_come_when_its_fault_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However long it took to apply; the outage itself begins with the first of that."""
    operations = run_with(monkeypatch, tmp_path, SlowToApply).history.operations

    [during_s] = [
        one.invoked_s for one in operations if (one.kind, one.detail) == ("phase", DURING)
    ]
    holds_s = next(one.invoked_s for one in operations if one.kind == "holds")
    submits = [
        one.invoked_s for one in operations if one.kind == "submit" and "errand" in one.facts
    ]
    assert holds_s >= during_s + 1.5
    assert [at_s for at_s in submits if at_s > during_s]
    assert not [at_s for at_s in submits if during_s < at_s < holds_s]


def test_toxiproxy_dying_in_mid_run_is_our_error_and_no_accusation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was seen through a dead proxy says nothing about the target."""
    result = played(monkeypatch, tmp_path, ToxiproxyGone)

    assert result.verdict is Verdict.ERROR
    assert "oxiproxy" in result.reason
    assert result.failing == []


def test_a_run_reports_confirms_and_records_its_schedule(tmp_path: Path) -> None:
    """The same files as the gate's, and a schedule for a replay."""
    console = Console(file=io.StringIO(), width=200)

    code = run_chaos(config(tmp_path), [scenario()], console, at_once=1)

    [folder] = tmp_path.iterdir()
    report = json.loads((folder / "report.json").read_text("utf-8"))
    [entry] = report["scenarios"]
    assert entry["verdict"] == report["summary"]["verdict"] == "passed", entry
    schedule = json.loads((folder / entry["schedule"]).read_text("utf-8"))
    assert report["kind"] == "chaos"
    assert code is ExitCode.PASSED
    assert "connections" in entry["confirmation"]
    assert [phase["name"] for phase in entry["phases"]] == ["before", "during", "recovery", "after"]
    assert schedule["failing"] == []
    assert json_report.load(folder / "report.json").scenarios
    assert (folder / "history.jsonl.gz").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "CHAOS-998"], "not declared"),
        (["--parallel", "0"], "at least 1"),
        (["--replay", "nowhere.json"], "no such file"),
        (["--sweep", "--cell", "first"], "write it like 12-cut-after"),
        (["http://127.0.0.1:9"], "--disposable"),
        (["--setting", "REFERENCE_VARIANT"], "NAME=VALUE"),
        (["--contract", "flowise", "--sweep"], "life cannot be swept"),
        (["--contract", "flowise", "--only", "CHAOS-001"], "not declared"),
        (["--redis-url", "redis://:secret@127.0.0.1:9"], "carries a password"),
    ],
)
def test_a_mistake_is_refused_in_a_line(arguments: list[str], said: str) -> None:
    """Before anything is disturbed."""
    result = CliRunner().invoke(app, ["chaos", *arguments])

    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_the_scenarios_can_be_listed() -> None:
    """Without touching anything."""
    result = CliRunner().invoke(app, ["chaos", "--list"])

    assert result.exit_code == 0
    assert "CHAOS-001" in result.output
