"""An exploration as a result: a row for every requirement that its model can judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from queueproof.config.model import RunConfig
from queueproof.exploring.explorer import Explorer
from queueproof.exploring.shortening import Failure
from queueproof.exploring.steps import numbered
from queueproof.history import History
from queueproof.reporting.model import (
    CaseResult,
    Coverage,
    RequirementResult,
    RunResult,
    TargetInfo,
)
from queueproof.requirements import Requirement, load_registry
from queueproof.running.applicability import access_levels
from queueproof.running.run_folder import RunFolder, row_of
from queueproof.verdicts import Verdict, exit_code_for, worst

_TRACE_LINES = 24
_DOUBTS_SHOWN = 5


def result_of(
    explorer: Explorer,
    files: Sequence[Path],
    *,
    config: RunConfig,
    history: History,
    run_folder: RunFolder,
    interrupted: str = "",
    broken: bool = False,
) -> RunResult:
    """The exploration's result; `files` are the saved schedules of its failures, in order.

    `broken` says that an error ended it before its time.
    """
    tally = explorer.tally
    failures = dict(zip(files, tally.failures, strict=True))
    names = {*tally.judged, *(failure.finding.requirement for failure in tally.failures)}
    rows = tuple(
        _row(requirement, failures, tally.judged[requirement.id], history)
        for requirement in load_registry(config.target.contract)
        if requirement.id in names
    )
    verdicts = [row.verdict for row in rows]
    if interrupted or not tally.judged or tally.doubts:
        verdicts.append(Verdict.INCONCLUSIVE)
    if broken:
        verdicts.append(Verdict.ERROR)
    verdict = worst(verdicts)
    return RunResult(
        kind="explore",
        run=run_folder.info(seed=config.seed, interrupted=interrupted),
        target=_target(explorer, config),
        verdict=verdict,
        exit_code=exit_code_for(verdict),
        requirements=rows,
        coverage=_coverage(explorer, rows),
    )


def _row(
    requirement: Requirement, failures: dict[Path, Failure], judged: int, history: History
) -> RequirementResult:
    own = [
        _failed(failure, path, history)
        for path, failure in failures.items()
        if failure.finding.requirement == requirement.id
    ]
    return row_of(requirement, own or [_passed(requirement.id, judged)])


def _passed(requirement_id: str, judged: int) -> CaseResult:
    return CaseResult(
        id=f"explore::{requirement_id}",
        requirement=requirement_id,
        title=f"No schedule that was played broke it; there was occasion to {judged} times.",
        verdict=Verdict.PASSED,
        duration_s=0.0,
    )


def _failed(failure: Failure, path: Path, history: History) -> CaseResult:
    finding = failure.finding
    operations = [operation.as_line() for operation in history.of_case(failure.trial.name)]
    again = f"{failure.seen} of {failure.played} replays showed it again"
    return CaseResult(
        id=f"explore::{path.stem}",
        requirement=finding.requirement,
        title=f"A schedule of {len(failure.schedule)} steps breaks it; {again}.",
        verdict=Verdict.FAILED,
        duration_s=failure.trial.took_s,
        expected=finding.expected,
        actual=finding.actual,
        trace=(*numbered(failure.schedule), *operations[:_TRACE_LINES]),
        history_refs=(f"history.jsonl.gz#case={failure.trial.name}",),
        reproduce=f"pytest {path}",
    )


def _target(explorer: Explorer, config: RunConfig) -> TargetInfo:
    target, system = config.target, explorer.environment.main
    return TargetInfo(
        contract=target.contract,
        urls=config.places,
        version=system.adapter.version,
        workers=tuple(worker.label for worker in system.workers),
        timings=target.timings.as_dict(),
        access=tuple(sorted(level.value for level in access_levels(config, system))),
        capabilities=tuple(sorted(explorer.capabilities)),
    )


def _coverage(explorer: Explorer, rows: Sequence[RequirementResult]) -> Coverage:
    tally, system = explorer.tally, explorer.environment.main
    areas: dict[str, int] = {}
    for row in rows:
        areas[row.area] = areas.get(row.area, 0) + 1
    steps = ", ".join(f"{number} {kind}" for kind, number in tally.steps.most_common())
    doubts = [f"in doubt: {doubt}" for doubt in tally.doubts[:_DOUBTS_SHOWN]]
    doubts += [f"not to its end: {why}" for why in tally.unplayed[:_DOUBTS_SHOWN]]
    return Coverage(
        pairs=tuple((*pair, number) for pair, number in sorted(system.pairs.items())),
        areas=areas,
        notes=(
            (
                f"{tally.played} schedules played, {len(tally.doubts)} with a finding in doubt, "
                f"{len(tally.settled)} settled by a second look, {len(tally.unplayed)} not to "
                "their ends"
            ),
            f"steps: {steps}",
            *doubts,
            *explorer.environment.notes,
        ),
    )
