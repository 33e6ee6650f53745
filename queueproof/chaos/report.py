"""From played scenarios to the result model, and a whole run from configuration to report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console

from queueproof.chaos.judging import invariants_of
from queueproof.chaos.outcome import ScenarioResult, case_of, entry_of, unplayed_case
from queueproof.chaos.progress import chaos_progress
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import Scenario
from queueproof.chaos.schedule import write_schedules
from queueproof.checkers.outage_durations import outage_durations
from queueproof.config.model import RunConfig
from queueproof.history import History
from queueproof.reporting import write_all
from queueproof.reporting.model import (
    CaseResult,
    Coverage,
    RequirementResult,
    RunResult,
    TargetInfo,
)
from queueproof.reporting.quantities import quantities_of
from queueproof.requirements import load_registry
from queueproof.running.result_output import tell, told_if_unwritten
from queueproof.running.run_folder import RunFolder, row_of
from queueproof.running.signals import unheard
from queueproof.verdicts import ExitCode, Verdict, exit_code_for, worst


def run_chaos(
    config: RunConfig,
    scenarios: Iterable[Scenario],
    console: Console,
    *,
    at_once: int,
    where: str = "",
) -> ExitCode:
    """Play scenarios, write the report, print it; returns the exit code."""
    parts = [Part(scenario=scenario, name=scenario.id) for scenario in scenarios]
    run_folder = RunFolder.below(config.out)
    with chaos_progress(console, len(parts)) as progress:
        run = ChaosRun(config, progress, at_once=at_once, where=where)
        run.play(longest_first(parts, config))
    if run.error is not None and not _any_judged(run):
        run_folder.forget()
        raise run.error
    result = result_of(run, parts, run_folder)
    write_report(run, result, run_folder.path, console)
    return result.exit_code


def longest_first(parts: list[Part], config: RunConfig) -> list[Part]:
    """Side by side, the longest first, so that none is left alone at the end.

    Where jobs may be lost, their clients hope for as long as a dead worker's may take to be told.
    """
    timings = config.target.timings

    def span_s(part: Part) -> float:
        scenario = part.scenario
        named = scenario.every_worker or scenario.affected_replicas is not None
        loses = scenario.costs == "data" or named
        return scenario.lasts_s(timings, config.target.promises) + (
            timings.owner_death_s if loses else 0.0
        )

    return sorted(parts, key=lambda part: -span_s(part))


def write_report(run: ChaosRun, result: RunResult, folder: Path, console: Console) -> None:
    """Every file of the report, and its summary on the terminal."""
    with told_if_unwritten(result, console):
        write_schedules(run.results, folder)
    write_files(run.history, result, folder, console)


def write_files(history: History, result: RunResult, folder: Path, console: Console) -> None:
    """The files that every kind of chaos run has."""
    with unheard():
        with told_if_unwritten(result, console):
            history.write(folder / "history.jsonl.gz")
            write_all(result, folder)
        tell(result, folder, console)


def result_of(run: ChaosRun, parts: list[Part], run_folder: RunFolder) -> RunResult:
    """The run in the result model."""
    results = [_result(run, part) for part in parts]
    judged = invariants_of(run.config.target.contract)
    rows = tuple(rows_of(run.config, {row: tuple(_cases(results, row)) for row in judged}))
    verdict = _verdict(run, results)
    return RunResult(
        kind="chaos",
        run=run_folder.info(seed=run.config.seed, interrupted=run.interrupted),
        target=target_info(run.config, _workers(results)),
        verdict=verdict,
        exit_code=exit_code_for(verdict),
        requirements=rows,
        coverage=Coverage(areas=_areas(rows), notes=tuple(_notes(results))),
        scenarios=tuple(entry_of(result) for result in results),
        quantities=quantities_of(_measured(results)),
    )


def _measured(results: Iterable[ScenarioResult]) -> dict[str, list[float]]:
    """What was measured in all scenarios, in seconds, by name."""
    measured: defaultdict[str, list[float]] = defaultdict(list)
    for result in results:
        if result.outage is not None:
            for name, values in outage_durations(result.outage).items():
                measured[name] += values
    return measured


def rows_of(
    config: RunConfig, cases: Mapping[str, tuple[CaseResult, ...]]
) -> Iterable[RequirementResult]:
    """The registry's rows with these cases."""
    registry = load_registry(config.target.contract)
    for requirement, judged in cases.items():
        yield row_of(registry[requirement], judged, target=config.target)


def target_info(config: RunConfig, workers: Iterable[str]) -> TargetInfo:
    """What was disturbed."""
    target = config.target
    return TargetInfo(
        contract=target.contract,
        urls=config.places,
        version=None,
        workers=tuple(workers),
        timings=target.timings.as_dict(),
        access=("admin", "http", "process", "proxy", "redis"),
    )


def _result(run: ChaosRun, part: Part) -> ScenarioResult:
    """The part's result; one that was never begun says why."""
    why = run.interrupted or (str(run.error) if run.error else "the run ended early")
    never = ScenarioResult(
        name=part.name, scenario=part.scenario, failure=Verdict.NOT_ASSESSED, reason=why
    )
    return run.results.get(part.name, never)


def _cases(results: list[ScenarioResult], requirement: str) -> Iterable[CaseResult]:
    """A row entry a scenario; none for one that was played and held no occasion to judge it, but
    where the target's own description says why it is not judged.
    """
    for result in results:
        judged = [j for j in result.judgements if j.requirement == requirement]
        if not judged:
            yield unplayed_case(result, requirement)
        elif judged[0].reason or result.verdict_of(judged[0]) is not Verdict.NOT_ASSESSED:
            yield case_of(result, judged[0])


def _verdict(run: ChaosRun, results: list[ScenarioResult]) -> Verdict:
    verdicts = [result.verdict for result in results]
    if run.error is not None:
        verdicts.append(Verdict.ERROR)
    if run.interrupted:
        verdicts.append(Verdict.INCONCLUSIVE)
    return worst(verdicts)


def _workers(results: list[ScenarioResult]) -> list[str]:
    outages = [result.outage for result in results if result.outage is not None]
    return sorted({op.worker for outage in outages for op in outage.operations if op.worker})


def _areas(rows: Iterable[RequirementResult]) -> dict[str, int]:
    areas: dict[str, int] = {}
    for row in rows:
        assessed = row.verdict is not Verdict.NOT_ASSESSED
        areas[row.area] = areas.get(row.area, 0) + assessed
    return areas


def _notes(results: list[ScenarioResult]) -> Iterable[str]:
    confirmed = sum(bool(result.confirmation) and not result.doubt for result in results)
    yield f"faults confirmed in {confirmed} of {len(results)} scenarios"
    yield from dict.fromkeys(note for result in results for note in result.notes)


def _any_judged(run: ChaosRun) -> bool:
    return any(result.judgements for result in run.results.values())
