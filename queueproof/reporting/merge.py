"""One report of several runs of one target: shards by `--only`, or runs with different access.

A case that several runs played keeps its worst verdict, so that merging can never hide a
failure; one that any run assessed counts as assessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from queueproof.errors import UsageError
from queueproof.reporting.model import (
    CaseResult,
    Coverage,
    Quantity,
    RequirementResult,
    RunInfo,
    RunResult,
    TargetInfo,
)
from queueproof.reporting.quantities import quantities_of
from queueproof.verdicts import ExitCode, exit_code_for, worst


def merge(results: list[RunResult]) -> RunResult:
    """The runs as one, the earliest first. Raises `UsageError` if their targets differ."""
    ordered = sorted(results, key=_instant)
    _check(ordered)
    verdict = worst(result.verdict for result in ordered)
    kinds = {result.kind for result in ordered}
    return RunResult(
        kind=kinds.pop() if len(kinds) == 1 else "gate",
        run=_run(ordered),
        target=_target([result.target for result in ordered]),
        verdict=verdict,
        exit_code=_exit_code(ordered) or exit_code_for(verdict),
        requirements=_rows(ordered),
        coverage=_coverage([result.coverage for result in ordered]),
        scenarios=tuple(each for result in ordered for each in result.scenarios),
        profiles=tuple(each for result in ordered for each in result.profiles),
        quantities=_quantities(ordered),
    )


def _quantities(results: list[RunResult]) -> tuple[Quantity, ...]:
    """The measurements of all runs together."""
    measured: defaultdict[str, list[float]] = defaultdict(list)
    for result in results:
        for quantity in result.quantities:
            measured[quantity.name] += quantity.values_s
    return quantities_of(measured)


def merge_histories(runs: list[tuple[RunResult, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """The runs' operations on one clock, that of the earliest run, numbered anew."""
    ordered = sorted(runs, key=lambda run: _instant(run[0]))
    zero = _instant(ordered[0][0])
    shifted = [
        _shifted(row, (_instant(result) - zero).total_seconds())
        for result, rows in ordered
        for row in rows
    ]
    shifted.sort(key=lambda row: row["invoked_s"])
    return [row | {"number": number} for number, row in enumerate(shifted)]


def _check(results: list[RunResult]) -> None:
    if len(results) < 2:
        raise UsageError("merging needs at least two reports")
    subjects = {(each.target.contract, each.target.version) for each in results}
    if len(subjects) > 1:
        told = ", ".join(sorted(f"{contract} {version}" for contract, version in subjects))
        raise UsageError(f"the reports are of different targets ({told}): use `report matrix`")
    if any(each.baseline is not None for each in results):
        raise UsageError("a report that a baseline was applied to cannot be merged: run without")


def _exit_code(results: list[RunResult]) -> ExitCode | None:
    """What no verdict expresses: a target that was not reached in one of the runs."""
    unreached = any(each.exit_code is ExitCode.UNREACHABLE for each in results)
    return ExitCode.UNREACHABLE if unreached else None


def _run(results: list[RunResult]) -> RunInfo:
    first, runs = results[0].run, [result.run for result in results]
    return replace(
        first,
        id="+".join(run.id for run in runs),
        duration_s=sum(run.duration_s for run in runs),
        command="\n".join(run.command for run in runs),
        interrupted="; ".join(filter(None, (run.interrupted for run in runs))),
    )


def _target(targets: list[TargetInfo]) -> TargetInfo:
    def union(name: str) -> tuple[str, ...]:
        return _once(value for target in targets for value in getattr(target, name))

    return replace(
        targets[0],
        urls=union("urls"),
        workers=union("workers"),
        access=union("access"),
        capabilities=union("capabilities"),
        timings={name: value for target in targets for name, value in target.timings.items()},
    )


def _rows(results: list[RunResult]) -> tuple[RequirementResult, ...]:
    rows: dict[str, RequirementResult] = {}
    for result in results:
        for row in result.requirements:
            known = rows.get(row.id)
            rows[row.id] = row if known is None else _joined(known, row)
    return tuple(rows.values())


def _joined(row: RequirementResult, other: RequirementResult) -> RequirementResult:
    cases: dict[str, CaseResult] = {}
    for case in (*row.cases, *other.cases):
        known = cases.get(case.id)
        if known is None or case.verdict.gravity > known.verdict.gravity:
            cases[case.id] = case
    return replace(row, cases=tuple(cases.values()), reason=row.reason or other.reason)


def _coverage(parts: list[Coverage]) -> Coverage:
    pairs: dict[tuple[str, str, str], int] = {}
    areas: dict[str, int] = {}
    for part in parts:
        for operation, submit, act, count in part.pairs:
            pairs[operation, submit, act] = pairs.get((operation, submit, act), 0) + count
        for area, assessed in part.areas.items():
            areas[area] = max(areas.get(area, 0), assessed)
    return Coverage(
        pairs=tuple((*pair, count) for pair, count in sorted(pairs.items())),
        areas=areas,
        notes=_once(note for part in parts for note in part.notes),
    )


def _shifted(row: dict[str, Any], by_s: float) -> dict[str, Any]:
    moved = row | {"invoked_s": row["invoked_s"] + by_s}
    if row.get("ended_s") is not None:
        moved["ended_s"] = row["ended_s"] + by_s
    moved["events"] = [
        [kind, tick, at_s + by_s, *rest] for kind, tick, at_s, *rest in row.get("events") or ()
    ]
    return moved


def _instant(result: RunResult) -> datetime:
    return datetime.fromisoformat(result.run.started_at)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
