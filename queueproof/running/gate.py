"""One gate run from configuration to report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console

from queueproof import paths
from queueproof.config.model import RunConfig
from queueproof.errors import HarnessError, UsageError
from queueproof.history import measured_in
from queueproof.plugins import sources
from queueproof.reporting import HISTORY, write_all
from queueproof.reporting.baseline import judged, load_baseline, run_verdicts
from queueproof.reporting.model import (
    STOOD_STILL,
    Acceptance,
    CaseResult,
    Coverage,
    RequirementResult,
    RunResult,
    TargetInfo,
)
from queueproof.reporting.quantities import quantities_of
from queueproof.requirements import load_registry
from queueproof.running.applicability import access_levels, missing_workers
from queueproof.running.live import live_progress
from queueproof.running.plugin import ConformanceRun
from queueproof.running.progress import Progress
from queueproof.running.result_output import tell, told_if_unwritten
from queueproof.running.run_folder import RunFolder, row_of
from queueproof.running.selection import chosen_rows, earlier_durations
from queueproof.running.signals import unheard
from queueproof.targets.fleet import Fleet
from queueproof.targets.system import System
from queueproof.targets.transports import told_of_transport
from queueproof.targets.turnover import turnover
from queueproof.verdicts import ExitCode, Verdict, exit_code_for, worst

_UNUSED_PLUGINS = ("terminal", "cacheprovider", "logging", "unraisableexception")


def run_gate(config: RunConfig, console: Console) -> ExitCode:
    """Play the suites, write the report, print it; returns the exit code."""
    run_folder = RunFolder.below(config.out)
    try:
        with live_progress(console, earlier_durations(config)) as progress:
            result = gate_into(run_folder.path, config, progress, console)
    except (Exception, KeyboardInterrupt):
        run_folder.forget()
        raise
    with unheard():
        tell(result, run_folder.path, console)
    return result.exit_code


def gate_into(folder: Path, config: RunConfig, progress: Progress, console: Console) -> RunResult:
    """Play the suites once and write the report into `folder`.

    Nothing is printed, unless the report cannot be written: then what was found is.

    Raises UsageError for a selection of nothing, and what kept the target from being opened.
    """
    chosen_rows(load_registry(config.target.contract), config)
    known_failures = load_baseline(config.baseline) if config.baseline else None
    run_folder, run = RunFolder(folder), ConformanceRun(config, progress)
    play(run)
    if run.error is not None and not run.opened:
        raise run.error
    if not run.results:
        raise UsageError("the selection is empty: nothing was assessed")
    with unheard():
        result = _result_of(run, run_folder, known_failures)
        with told_if_unwritten(result, console):
            # First what was seen: whatever becomes of the report, it is not lost.
            run.history.write(folder / HISTORY)
            write_all(result, folder)
    return result


def play(run: ConformanceRun) -> None:
    """Collect the suites with pytest, and have `run` do with the cases what it does.

    Raises what kept it from playing any.
    """
    arguments = [
        *_rooms(run),
        *("--rootdir", str(paths.root()), "--confcutdir", str(paths.root())),
        *(f"-pno:{name}" for name in _UNUSED_PLUGINS),
        *("--disable-plugin-autoload", "-p", "queueproof.pytest_plugin"),
        *("-o", "addopts=", "-o", "filterwarnings=", "--import-mode=importlib"),
    ]
    code = pytest.main(arguments, plugins=[run])
    if not run.plays and code == pytest.ExitCode.OK:
        return
    if run.results or run.interrupted or code == pytest.ExitCode.NO_TESTS_COLLECTED:
        return
    if code == pytest.ExitCode.INTERRUPTED:
        raise run.error or KeyboardInterrupt
    raise run.error or HarnessError(f"pytest could not play the suites (it ended with {int(code)})")


def _rooms(run: ConformanceRun) -> list[str]:
    """Where the cases that are asked for lie: a folder an area. Reading them all takes a while.

    Folders of other sources are read whole: a case of theirs may judge a requirement of ours.
    """
    suites, others = paths.folder("suites"), [str(each.folder) for each in sources("suites")]
    if not (run.config.only or run.config.without):
        return [str(suites), *others]
    chosen = chosen_rows(run.registry, run.config)
    rooms = [suites / area for area in dict.fromkeys(row.area for row in chosen)]
    return [*(str(room) for room in rooms if room.is_dir()), *others] or [str(suites)]


def _result_of(
    run: ConformanceRun, run_folder: RunFolder, known_failures: tuple[Acceptance, ...] | None
) -> RunResult:
    rows = _rows(run)
    baseline = (
        None if known_failures is None else _judged(run, rows, known_failures, run_folder.started)
    )
    verdict = _verdict(run, rows, baseline or ())
    return RunResult(
        kind="gate",
        run=run_folder.info(seed=run.config.seed, interrupted=run.interrupted),
        target=_target_info(run),
        verdict=verdict,
        exit_code=_exit_code(run, verdict),
        requirements=rows,
        coverage=_coverage(run, rows),
        baseline=baseline,
        quantities=quantities_of(measured_in(run.history.operations)),
    )


def _judged(
    run: ConformanceRun,
    rows: tuple[RequirementResult, ...],
    entries: tuple[Acceptance, ...],
    started: datetime,
) -> tuple[Acceptance, ...]:
    known = [row.id for row in run.registry]
    return judged(entries, rows, today=started.date(), known=known)


def _rows(run: ConformanceRun) -> tuple[RequirementResult, ...]:
    """The chosen requirements; of a shard, those that have a case in it."""
    cases: dict[str, list[CaseResult]] = {}
    for case in run.results:
        cases.setdefault(case.requirement, []).append(case)
    return tuple(
        row_of(row, cases.get(row.id, ()), target=run.config.target)
        for row in chosen_rows(run.registry, run.config)
        if run.config.shard is None or row.id in cases
    )


def _verdict(
    run: ConformanceRun, rows: tuple[RequirementResult, ...], baseline: tuple[Acceptance, ...]
) -> Verdict:
    if run.error is not None:
        return Verdict.ERROR
    return verdict_of(
        run_verdicts(rows, baseline),
        strict=run.config.strict,
        cut_short=bool(run.interrupted or run.standstills or _missing(run)),
    )


def verdict_of(verdicts: Sequence[Verdict], *, strict: bool, cut_short: bool) -> Verdict:
    """A run's verdict from those of its requirements.

    `strict` wants everything asked: what was not, be it one case of several, proves nothing then.
    """
    unasked = any(each in (Verdict.NOT_ASSESSED, Verdict.PASSED_IN_PART) for each in verdicts)
    doubt = [Verdict.INCONCLUSIVE] if cut_short or (strict and unasked) else []
    return worst([*verdicts, *doubt])


def _exit_code(run: ConformanceRun, verdict: Verdict) -> ExitCode:
    if run.error is not None:
        return run.error.exit_code
    return exit_code_for(verdict)


def _target_info(run: ConformanceRun) -> TargetInfo:
    target = run.config.target
    system = getattr(run.environment, "main", None)
    return TargetInfo(
        contract=target.contract,
        urls=run.config.places,
        version=system.adapter.version if system else None,
        workers=tuple(each.label for each in system.fleet.first_workers) if system else (),
        timings=target.timings.as_dict(),
        access=tuple(
            sorted(level.value for level in access_levels(run.config, system)) if system else ()
        ),
        capabilities=tuple(sorted(run.able.found)),
    )


def _coverage(run: ConformanceRun, rows: tuple[RequirementResult, ...]) -> Coverage:
    system = getattr(run.environment, "main", None)
    pairs = sorted(system.pairs.items()) if system else []
    areas: dict[str, int] = {}
    for row in rows:
        assessed = row.verdict is not Verdict.NOT_ASSESSED
        areas[row.area] = areas.get(row.area, 0) + assessed
    in_front = [] if run.config.embedded else told_of_transport(run.config.target)
    notes = [f"{STOOD_STILL}{each}" for each in run.standstills]
    notes += [*run.environment.notes, *in_front]
    if system is not None and not run.config.embedded:
        notes += [f"seen through {front}" for front in [system.fleet.in_front] if front]
    if system is not None:
        notes += [*_turnover(system.fleet), *_how_sorted(system.fleet), *_looks_into_redis(system)]
    if missing := _missing(run):
        notes.append(missing)
    return Coverage(
        pairs=tuple((*pair, number) for pair, number in pairs), areas=areas, notes=tuple(notes)
    )


def _looks_into_redis(system: System) -> list[str]:
    """What a Redis that is not ours was asked, or why it was not."""
    if system.redis_reason:
        return [f"Redis is no evidence: {system.redis_reason}"]
    if system.redis is None or system.redis.ours:
        return []
    return [f"looks into Redis: {system.redis.budget}"]


def _missing(run: ConformanceRun) -> str:
    system = getattr(run.environment, "main", None)
    return missing_workers(run.config, system) if system is not None and run.opened else ""


def _turnover(fleet: Fleet) -> list[str]:
    """What became of the workers that were found at first."""
    first, now = ([each.label for each in group] for group in (fleet.first_workers, fleet.workers))
    words = turnover(first, now)
    return [f"workers: {words}"] if words else []


def _how_sorted(fleet: Fleet) -> list[str]:
    """Which way told the workers apart, and why others that were given did not."""
    if fleet.identifier is None:
        return [f"workers told apart by: nothing ({fleet.unsorted_because})"]
    vain = "; ".join(f"not by {name}: {why}" for name, why in fleet.tried)
    return [f"workers told apart by: {fleet.identifier.name}" + (f" ({vain})" if vain else "")]
