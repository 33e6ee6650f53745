"""False-positive control: the gate, played many times, and how often each case deviated.

A run deviates for a case when its verdict is neither passed nor, as in every run, not assessed.
No run is played again because of what it said, and none is left out of the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from queueproof.checkers.bounds import CONFIDENCE, upper_bound
from queueproof.config.model import RunConfig
from queueproof.errors import QueueproofError, UsageError
from queueproof.reporting import write_all
from queueproof.reporting.model import CaseResult, Coverage, RequirementResult, RunResult
from queueproof.running.gate import gate_into
from queueproof.running.live import live_progress
from queueproof.running.progress import Progress
from queueproof.running.result_output import tell, told_if_unwritten
from queueproof.running.run_folder import RunFolder
from queueproof.running.selection import earlier_durations
from queueproof.verdicts import ExitCode, Verdict, exit_code_for, worst

_GRAVITY = (
    ExitCode.PASSED,
    ExitCode.INCONCLUSIVE,
    ExitCode.FAILED,
    ExitCode.UNREACHABLE,
    ExitCode.USAGE,
    ExitCode.INTERNAL,
)


@dataclass(frozen=True)
class RepeatedRun:
    """One run's result and the folder, within the report's, that holds its own report."""

    result: RunResult
    folder: str


class RunOf:
    """A run's progress that says which of how many runs it is."""

    def __init__(self, inner: Progress, number: int, times: int) -> None:
        self._inner = inner
        self._head = f"run {number} of {times}: "

    def phase(self, text: str) -> None:
        """With the run's number."""
        self._inner.phase(self._head + text)

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        """As it is."""
        self._inner.planned(case_id, requirement, wait_s)

    def started(self, case_id: str) -> None:
        """As it is."""
        self._inner.started(case_id)

    def postponed(self, case_id: str) -> None:
        """As it is."""
        self._inner.postponed(case_id)

    def finished(self, result: CaseResult) -> None:
        """As it is."""
        self._inner.finished(result)


def run_repeatedly(config: RunConfig, times: int, console: Console) -> ExitCode:
    """Play the gate `times` times, each with a seed of its own; one report over all runs.

    Returns the worst exit code of any run. A run that cannot be opened ends the repetition and
    is raised after the report on the runs before it.
    """
    run_folder = RunFolder.below(config.out)
    played: list[RepeatedRun] = []
    trouble: QueueproofError | None = None
    for number in range(1, times + 1):
        try:
            played.append(_one(config, run_folder.path, number, times, console))
        except QueueproofError as error:
            trouble = error
            break
        _say(played, times, console)
        if played[-1].result.run.interrupted:
            break
    if not played:
        raise trouble or QueueproofError("no run was played")
    result = summary_of(played, planned=times)
    result = replace(
        result,
        run=replace(
            result.run,
            id=run_folder.path.name,
            started_at=run_folder.started.isoformat(timespec="seconds"),
            duration_s=round(run_folder.duration_s, 2),
            seed=config.seed,
        ),
    )
    with told_if_unwritten(result, console):
        write_all(result, run_folder.path)
    tell(result, run_folder.path, console)
    if trouble is not None:
        raise trouble
    return result.exit_code


def summary_of(played: Sequence[RepeatedRun], *, planned: int) -> RunResult:
    """One result over all runs: a case's verdict is its worst, its title its deviations."""
    last = played[-1].result
    rows = tuple(_row(row, played) for row in last.requirements)
    cut_short = next((p.result.run.interrupted for p in played if p.result.run.interrupted), "")
    if not cut_short and len(played) < planned:
        cut_short = f"only {len(played)} of {planned} runs could be played"
    counted = [row.verdict for row in rows] + ([Verdict.INCONCLUSIVE] if cut_short else [])
    verdict = worst([*counted, *(p.result.verdict for p in played)])
    codes = [*(p.result.exit_code for p in played), exit_code_for(worst(counted))]
    return replace(
        last,
        kind="repeat",
        run=replace(last.run, interrupted=cut_short),
        verdict=verdict,
        exit_code=max(codes, key=_GRAVITY.index),
        requirements=rows,
        coverage=_coverage(played, rows),
    )


def deviations_of(case_id: str, played: Sequence[RepeatedRun]) -> tuple[list[RepeatedRun], int]:
    """The runs in which a case deviated, and in how many of all it was assessed or should be.

    A case that is not assessed in any run has neither.
    """
    verdicts = [(p, _case_in(p.result, case_id)) for p in played]
    if all(case is None or case.verdict is Verdict.NOT_ASSESSED for _, case in verdicts):
        return [], 0
    deviating = [p for p, case in verdicts if case is None or case.verdict is not Verdict.PASSED]
    return deviating, len(verdicts)


def _one(config: RunConfig, folder: Path, number: int, times: int, console: Console) -> RepeatedRun:
    name = f"run-{number:03d}"
    own = folder / name
    try:
        own.mkdir()
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot write there ({error.strerror})") from None
    with live_progress(console, earlier_durations(config)) as progress:
        seeded = replace(config, seed=config.seed + number - 1)
        result = gate_into(own, seeded, RunOf(progress, number, times), console)
    return RepeatedRun(result, name)


def _say(played: Sequence[RepeatedRun], times: int, console: Console) -> None:
    latest = played[-1].result
    deviating = sum(not p.result.verdict.unblemished for p in played)
    console.print(
        Text(
            f"run {len(played)} of {times}: {latest.verdict.words}, "
            f"{latest.run.duration_s:.1f} s, seed {latest.run.seed}; "
            f"{deviating} of {len(played)} runs not simply passed"
        ),
        highlight=False,
    )


def _row(row: RequirementResult, played: Sequence[RepeatedRun]) -> RequirementResult:
    own = [r for p in played for r in p.result.requirements if r.id == row.id]
    latest = {case.id: case for each in own for case in each.cases}
    return replace(row, cases=tuple(_case(case, played) for case in latest.values()))


def _case(case: CaseResult, played: Sequence[RepeatedRun]) -> CaseResult:
    deviating, runs = deviations_of(case.id, played)
    if runs == 0:
        return case
    shown = case
    if deviating:
        found = [(p, _case_in(p.result, case.id)) for p in deviating]
        graver = [c for _, c in found if c is not None]
        shown = max(graver, key=lambda c: c.verdict.gravity, default=case)
    verdict = shown.verdict if deviating else Verdict.PASSED
    if deviating and verdict in (Verdict.PASSED, Verdict.NOT_ASSESSED):
        verdict = Verdict.INCONCLUSIVE
    where = ", ".join(p.folder for p in deviating)
    title = f"{shown.title} {len(deviating)} of {runs} runs deviated; {_bound(deviating, runs)}"
    reason = f"deviated in {where}. {shown.reason}".strip() if deviating else ""
    return replace(
        shown,
        title=title,
        verdict=verdict,
        reason=reason,
        history_refs=tuple(f"{p.folder}/report.json" for p in deviating),
    )


def _bound(deviating: Sequence[RepeatedRun], runs: int) -> str:
    bound = upper_bound(len(deviating), runs)
    return f"at most {bound:.2%} of all runs do, with {CONFIDENCE:.0%} confidence."


def _case_in(result: RunResult, case_id: str) -> CaseResult | None:
    cases = (case for row in result.requirements for case in row.cases)
    return next((case for case in cases if case.id == case_id), None)


def _coverage(played: Sequence[RepeatedRun], rows: Sequence[RequirementResult]) -> Coverage:
    """What all runs touched together."""
    pairs: dict[tuple[str, str, str], int] = {}
    for run in played:
        for kind, submitted, acted, number in run.result.coverage.pairs:
            key = (kind, submitted, acted)
            pairs[key] = pairs.get(key, 0) + number
    ids = [case.id for row in rows for case in row.cases]
    counted = [deviations_of(case_id, played) for case_id in ids]
    assessed = [(len(deviating), runs) for deviating, runs in counted if runs]
    deviating_runs = sum(not p.result.verdict.unblemished for p in played)
    bound = upper_bound(deviating_runs, len(played))
    last = played[-1].result.coverage
    return Coverage(
        pairs=tuple((*key, number) for key, number in sorted(pairs.items())),
        areas=last.areas,
        notes=(
            (
                f"{len(played)} runs, {deviating_runs} of them not simply passed: at most "
                f"{bound:.2%} of all runs, with {CONFIDENCE:.0%} confidence (Clopper-Pearson)"
            ),
            (
                f"{sum(1 for number, _ in assessed if number)} of {len(assessed)} assessed cases "
                "deviated in any run"
            ),
            *last.notes,
        ),
    )
